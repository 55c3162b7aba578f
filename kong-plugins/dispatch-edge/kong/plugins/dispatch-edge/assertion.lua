-- The assertion: a compact JWS (RFC 7515) with HS256. What it says of a caller stands first, and what it says of the
-- request last: the first part is then made once for all requests of a caller. LuaJIT, which tells long strings apart by
-- a few of their bytes, also fares badly with thousands that differ somewhere in the middle.

local base64url = require("ngx.base64").encode_base64url
local digest = require "resty.openssl.digest"
local hmac = require "resty.openssl.hmac"
local text = require "kong.plugins.dispatch-edge.text"

local concat = table.concat
local find = string.find
local floor = math.floor
local format = string.format
local max = math.max
local ngx = ngx
local quoted = text.quoted
local setmetatable = setmetatable
local sub = string.sub
local type = type

-- Assertions that a worker keeps for each instance of the plugin.
local MOST_KEPT = 2000
-- The gateway takes no longer ones.
local MOST_BYTES = 8192
local LEAST_SECRET_BYTES = 32

-- What is made once for a configuration; Kong makes a new table for a new one.
local signers = setmetatable({}, { __mode = "k" })

local function create_signer(conf)
  local secret = conf.key_secret
  -- Kong leaves an empty text where a reference to a vault leads nowhere.
  if type(secret) ~= "string" or #secret < LEAST_SECRET_BYTES then
    return nil, "key_secret has less than " .. LEAST_SECRET_BYTES .. " bytes"
  end
  local mac, err = hmac.new(secret, "sha256")
  if not mac then
    return nil, err
  end
  local head = base64url('{"alg":"HS256","kid":' .. quoted(conf.key_id) .. ',"typ":"dispatch-assertion+jwt"}')
  return { secret = secret, mac = mac, head = head, issued = 0, callers = {}, kept = 0 }
end

-- A vault may give another secret while the configuration stays.
local function signer_of(conf)
  local signer = signers[conf]
  if signer and signer.secret == conf.key_secret then
    return signer
  end
  local err
  signer, err = create_signer(conf)
  signers[conf] = signer
  return signer, err
end

local function zone_of(conf)
  local zone = conf.zone
  return type(zone) == "string" and zone ~= "" and text.is_utf8(zone) and zone or nil
end

local function add(members, name, value)
  if value then
    members[#members + 1] = '"' .. name .. '":' .. quoted(value)
  end
end

local function consumer_of(consumer)
  local members = {}
  add(members, "id", consumer.id)
  add(members, "username", consumer.username)
  add(members, "custom_id", consumer.custom_id)
  return '"consumer":{' .. concat(members, ",") .. "}"
end

local function groups_of(groups)
  local quotes = {}
  for i = 1, #groups do
    quotes[i] = quoted(groups[i])
  end
  return '"groups":[' .. concat(quotes, ",") .. "]"
end

-- The claims about the caller.
local function claims_of(conf, who)
  local members = {}
  add(members, "aud", conf.audience)
  if who then
    if who.consumer then
      members[#members + 1] = consumer_of(who.consumer)
    end
    add(members, "user", who.user)
    add(members, "credential", who.credential)
    if #who.groups > 0 then
      members[#members + 1] = groups_of(who.groups)
    end
    add(members, "scope", who.scope)
  end
  add(members, "zone", zone_of(conf))
  return concat(members, ",")
end

-- What all assertions about a caller begin with, for as long as they are issued at one moment. Base64 makes four
-- characters of three bytes: what is left of the claims is encoded with what follows.
local function create_caller(signer, conf, claims)
  local begun = "{" .. claims .. format(',"iat":%d,"exp":%d', signer.issued, signer.issued + conf.lifetime)
  local whole = #begun - #begun % 3
  return { begin = signer.head .. "." .. base64url(sub(begun, 1, whole)), rest = sub(begun, whole + 1), texts = {} }
end

-- Issued at the last multiple of half the lifetime: all workers, and all Kongs with one configuration, so say the same
-- bytes for some seconds, which the gateway has to verify once.
local function moment(conf)
  local now = ngx.time()
  return now - now % max(1, floor(conf.lifetime / 2))
end

-- The request as the gateway will see it. The host is that of X-Forwarded-Host, which nginx writes and no client can
-- take away; Host itself is known only after the plugins ran, unless the route preserves it.
local function request_line()
  local host = ngx.var.upstream_x_forwarded_host or ""
  local path = ngx.var.upstream_uri
  local query = find(path, "?", 1, true)
  return ngx.req.get_method() .. "\n" .. host .. "\n" .. (query and sub(path, 1, query - 1) or path)
end

-- Of a context that is made once: nothing here waits, so that no two requests use it at once.
local function final(context, first, second)
  local ok, err = context:reset()
  if ok then
    ok, err = context:update(first)
  end
  if not ok then
    return nil, err
  end
  local bytes
  bytes, err = context:final(second)
  return bytes and base64url(bytes), err
end

local sha256

local function digest_of(line)
  if not sha256 then
    local err
    sha256, err = digest.new("sha256")
    if not sha256 then
      return nil, err
    end
  end
  return final(sha256, line)
end

local function sign(signer, caller, line)
  local claims = caller.rest
  if line then
    local request, err = digest_of(line)
    if not request then
      return nil, err
    end
    claims = claims .. ',"req":"' .. request .. '"'
  end
  local last = base64url(claims .. "}")
  local signature, err = final(signer.mac, caller.begin, last)
  return signature and caller.begin .. last .. "." .. signature, err
end

local _M = {}

-- @param who as `identity.established` gives it, or nil for nobody
-- @return the assertion; nil when there is nothing to say; nil and what went wrong
function _M.create(conf, who)
  local signer, err = signer_of(conf)
  if not signer then
    return nil, err
  end
  if not who and not zone_of(conf) then
    return nil
  end

  local issued = moment(conf)
  if signer.issued ~= issued or signer.kept >= MOST_KEPT then
    signer.issued, signer.callers, signer.kept = issued, {}, 0
  end
  local claims = claims_of(conf, who)
  local caller = signer.callers[claims]
  if not caller then
    caller = create_caller(signer, conf, claims)
    signer.callers[claims] = caller
  end
  local line = conf.bind_request and request_line() or nil
  local signed = caller.texts[line or ""]
  if signed then
    return signed
  end

  signed, err = sign(signer, caller, line)
  if not signed then
    return nil, err
  end
  if #signed > MOST_BYTES then
    return nil, format("it would have %d bytes with its %d groups; %d are the most", #signed,
      who and #who.groups or 0, MOST_BYTES)
  end
  caller.texts[line or ""] = signed
  signer.kept = signer.kept + 1
  return signed
end

return _M
