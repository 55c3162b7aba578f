-- Text as JSON writes it in exactly one way (RFC 8785, 3.2.2.2), without a library: those escape differently, and can be told to
-- by any other plugin in the same process.

local byte = string.byte
local find = string.find
local format = string.format
local gsub = string.gsub

local ESCAPES = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\t"] = "\\t",
  ["\n"] = "\\n",
  ["\f"] = "\\f",
  ["\r"] = "\\r",
}

local SPECIAL = '[%z\1-\31"\\]'

local function escape(char)
  return ESCAPES[char] or format("\\u%04x", byte(char))
end

local function follows(code)
  return code ~= nil and code >= 0x80 and code <= 0xBF
end

-- Length of the character that begins at a place; nil when none does (RFC 3629, section 4).
local function length_at(text, at)
  local a, b, c, d = byte(text, at, at + 3)
  if a < 0x80 then
    return 1
  end
  if a < 0xC2 or a > 0xF4 or not follows(b) then
    return nil
  end
  if a < 0xE0 then
    return 2
  end
  if not follows(c) then
    return nil
  end
  if a < 0xF0 then
    return (a ~= 0xE0 or b >= 0xA0) and (a ~= 0xED or b < 0xA0) and 3 or nil
  end
  return follows(d) and (a ~= 0xF0 or b >= 0x90) and (a ~= 0xF4 or b < 0x90) and 4 or nil
end

local _M = {}

function _M.is_utf8(text)
  if not find(text, "[\128-\255]") then
    return true
  end
  local at = 1
  while at <= #text do
    local length = length_at(text, at)
    if not length then
      return false
    end
    at = at + length
  end
  return true
end

-- @param text valid UTF-8
function _M.quoted(text)
  if not find(text, SPECIAL) then
    return '"' .. text .. '"'
  end
  return '"' .. gsub(text, SPECIAL, escape) .. '"'
end

return _M
