-- The two names that a request may have for its host. Where its target is a whole URI, RFC 9112 (3.2.2) has the host in
-- that count; nginx tells it in X-Forwarded-Host, but Kong takes the route, and what it sends on, from the Host header. A
-- client could so be let in at one host and appear to have asked for another.

local gsub = string.gsub
local lower = string.lower

local _M = {}

-- @param host `$host` of nginx: lower case, without port or dot at the end
-- @param header the Host header, or nil
function _M.contradicts(host, header)
  if header == nil then
    return false
  end
  local name = gsub(lower(header), ":%d*$", "")
  return gsub(name, "%.$", "") ~= host
end

return _M
