-- What a client may write into its Connection header. Kong removes the headers named there from the request to the
-- gateway after all plugins ran, also those that plugins set: so nobody may name one.

local gmatch = string.gmatch
local lower = string.lower
local type = type

local ALLOWED = {
  ["close"] = true,
  ["keep-alive"] = true,
  ["upgrade"] = true,
  ["te"] = true,
  ["http2-settings"] = true,
}

local MOST_SHOWN = 64

local function forbidden_in(value)
  for option in gmatch(value, "[^,]+") do
    option = lower(option):match("^[ \t]*(.-)[ \t]*$")
    if option ~= "" and not ALLOWED[option] then
      return option
    end
  end
end

local _M = {}

-- @param value the header as nginx gives it: nil, a string, or a list of strings
-- @return what must not be named, fit for a message; nil when all is well
function _M.forbidden(value)
  if value == nil then
    return nil
  end
  local found
  if type(value) == "table" then
    for i = 1, #value do
      found = found or forbidden_in(value[i])
    end
  else
    found = forbidden_in(value)
  end
  return found and (found:sub(1, MOST_SHOWN):gsub("[^%w%-_]", "?"))
end

return _M
