-- Headers by which a client could pass for somebody else at the gateway or at a function behind it.

local gsub = string.gsub
local kong = kong
local pairs = pairs
local sub = string.sub

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

local function claims_identity(name)
  if NAMES[name] then
    return true
  end
  for i = 1, #PREFIXES do
    local prefix = PREFIXES[i]
    if sub(name, 1, #prefix) == prefix then
      return true
    end
  end
  return false
end

local function is_listed(name, list)
  for i = 1, list and #list or 0 do
    if name == gsub(list[i]:lower(), "_", "-") then
      return true
    end
  end
  return false
end

local _M = {}

-- @param headers all headers of the request by lower-case name
-- @param more names from the configuration, or nil
function _M.remove(headers, more)
  for name in pairs(headers) do
    -- Programs behind CGI read an underscore as a dash.
    local dashed = gsub(name, "_", "-")
    if not PASSED[name] and (claims_identity(dashed) or is_listed(dashed, more)) then
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
