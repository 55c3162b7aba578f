-- The assertion: a compact JWS (RFC 7515) with HS256 over claims in canonical JSON (RFC 8785).

local digest = require "resty.openssl.digest"
local lrucache = require "resty.lrucache"
local mac = require "resty.openssl.mac"
local text = require "kong.plugins.dispatch-edge.text"

local concat = table.concat
local encode_base64 = ngx.encode_base64
local floor = math.floor
local format = string.format
local gsub = string.gsub
local max = math.max
local ngx = ngx
local quoted = text.quoted
local setmetatable = setmetatable
local type = type

-- Assertions that a worker keeps for each instance of the plugin.
local MOST_KEPT = 2000
-- The gateway takes no longer ones.
local MOST_BYTES = 8192
local LEAST_SECRET_BYTES = 32

local function base64url(bytes)
  return (gsub(gsub(encode_base64(bytes, true), "+", "-"), "/", "_"))
end

-- What is made once for a configuration; Kong makes a new table for a new one.
local signers = setmetatable({}, { __mode = "k" })

local function create_signer(conf)
  local secret = conf.key_secret
  -- Kong leaves an empty text where a reference to a vault leads nowhere.
  if type(secret) ~= "string" or #secret < LEAST_SECRET_BYTES then
    return nil, "key_secret has less than " .. LEAST_SECRET_BYTES .. " bytes"
  end
  local kept, err = lrucache.new(MOST_KEPT)
  if not kept then
    return nil, err
  end
  return {
    secret = secret,
    kept = kept,
    head = base64url('{"alg":"HS256","kid":' .. quoted(conf.key_id) .. ',"typ":"dispatch-assertion+jwt"}'),
  }
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

local function member(name, value)
  return value and '"' .. name .. '":' .. quoted(value)
end

-- Joins what is there: false and nil are left out.
local function object(first, second, third)
  local members = {}
  if first then members[#members + 1] = first end
  if second then members[#members + 1] = second end
  if third then members[#members + 1] = third end
  return "{" .. concat(members, ",") .. "}"
end

local function list(items)
  local quotes = {}
  for i = 1, #items do
    quotes[i] = quoted(items[i])
  end
  return "[" .. concat(quotes, ",") .. "]"
end

local function zone_of(conf)
  local zone = conf.zone
  return type(zone) == "string" and zone ~= "" and text.is_utf8(zone) and zone or nil
end

-- The claims that do not depend on the time or the request: those before `exp`, between `exp` and `iat`, and behind `req`.
local function lasting(conf, who)
  local before = member("aud", conf.audience)
  local between, behind = "", ""
  if who then
    local consumer = who.consumer
    if consumer then
      before = before .. ',"consumer":' .. object(member("custom_id", consumer.custom_id),
        member("id", consumer.id), member("username", consumer.username))
    end
    if who.credential then
      before = before .. "," .. member("credential", who.credential)
    end
    if #who.groups > 0 then
      between = ',"groups":' .. list(who.groups)
    end
    if who.scope then
      behind = behind .. "," .. member("scope", who.scope)
    end
    if who.user then
      behind = behind .. "," .. member("user", who.user)
    end
  end
  local zone = zone_of(conf)
  if zone then
    behind = behind .. "," .. member("zone", zone)
  end
  return before, between, behind
end

-- The request as the gateway will see it. The host is that of X-Forwarded-Host, which nginx writes and no client can
-- take away; Host itself is known only after the plugins ran, unless the route preserves it.
local function request_line()
  local host = ngx.var.upstream_x_forwarded_host or ""
  return ngx.req.get_method() .. "\n" .. host .. "\n" .. gsub(ngx.var.upstream_uri, "%?.*$", "")
end

local function digest_of(line)
  local sha256, err = digest.new("sha256")
  if not sha256 then
    return nil, err
  end
  local bytes
  bytes, err = sha256:final(line)
  return bytes and base64url(bytes), err
end

local function sign(signer, claims)
  local input = signer.head .. "." .. base64url(claims)
  local hmac, err = mac.new(signer.secret, "HMAC", nil, "sha256")
  if not hmac then
    return nil, err
  end
  local signature
  signature, err = hmac:final(input)
  return signature and input .. "." .. base64url(signature), err
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

  -- Issued at the last multiple of half the lifetime: all workers, and all Kongs with one configuration, so say the same
  -- bytes for some seconds, which the gateway has to verify once.
  local step = max(1, floor(conf.lifetime / 2))
  local now = ngx.time()
  local issued = now - now % step
  local before, between, behind = lasting(conf, who)
  local line = conf.bind_request and request_line() or ""
  -- No claim holds a newline as it is.
  local key = concat({ before, between, behind, line }, "\n")
  local kept = signer.kept:get(key)
  if kept and kept.issued == issued then
    return kept.text
  end

  local request = ""
  if conf.bind_request then
    request, err = digest_of(line)
    if not request then
      return nil, err
    end
    request = "," .. member("req", request)
  end
  local claims = concat({ "{", before, format(',"exp":%d', issued + conf.lifetime), between,
    format(',"iat":%d', issued), request, behind, "}" })
  local signed
  signed, err = sign(signer, claims)
  if not signed then
    return nil, err
  end
  if #signed > MOST_BYTES then
    return nil, format("it would have %d bytes with its %d groups; %d are the most", #signed,
      who and #who.groups or 0, MOST_BYTES)
  end
  signer.kept:set(key, { issued = issued, text = signed })
  return signed
end

return _M
