-- Headers by which a client could pass for somebody else at the gateway or at a function behind it.

local byte = string.byte
local find = string.find
local gsub = string.gsub
local kong = kong
local pairs = pairs
local setmetatable = setmetatable
local sub = string.sub

local D, X = byte("dx", 1, 2)

-- What clients may ask of the gateway.
local PASSED = {
  ["dispatch-hint"] = true,
  ["dispatch-explain"] = true,
  ["dispatch-timing"] = true,
}

local PREFIXES = {
  "dispatch-",
  "x-consumer-",
  "x-credential-",
  "x-authenticated-",
  "x-gw-",
}

local NAMES = {
  ["x-anonymous-consumer"] = true,
  ["x-forwarded-client-cert"] = true,
  ["x-userinfo"] = true,
}

local NONE = {}

local function claims_identity(name)
  if NAMES[name] then
    return true
  end
  -- Nearly all headers begin with another letter.
  local first = byte(name)
  if first ~= D and first ~= X then
    return false
  end
  for i = 1, #PREFIXES do
    local prefix = PREFIXES[i]
    if sub(name, 1, #prefix) == prefix then
      return true
    end
  end
  return false
end

local function dashed(name)
  return find(name, "_", 1, true) and gsub(name, "_", "-") or name
end

-- The names of a list as keys, made once: Kong makes a new list for a new configuration.
local sets = setmetatable({}, { __mode = "k" })

local function set_of(list)
  local set = sets[list]
  if not set then
    set = {}
    for i = 1, #list do
      set[dashed(list[i]:lower())] = true
    end
    sets[list] = set
  end
  return set
end

local _M = {}

-- @param headers all headers of the request by lower-case name
-- @param more names from the configuration, or nil
function _M.remove(headers, more)
  local listed = set_of(more or NONE)
  for name in pairs(headers) do
    -- Programs behind CGI read an underscore as a dash.
    local read = dashed(name)
    if not PASSED[name] and (claims_identity(read) or listed[read]) then
      kong.service.request.clear_header(name)
    end
  end
end

-- Writes Kong's usual headers of a consumer anew, from what was authenticated.
-- @param who as `identity.established` gives it, or nil
function _M.tell(who)
  local consumer = who and who.consumer
  if not consumer then
    return
  end
  local set_header = kong.service.request.set_header
  set_header("X-Consumer-ID", consumer.id)
  if consumer.username then
    set_header("X-Consumer-Username", consumer.username)
  end
  if consumer.custom_id then
    set_header("X-Consumer-Custom-ID", consumer.custom_id)
  end
  if who.credential then
    set_header("X-Credential-Identifier", who.credential)
  end
end

return _M
