-- Kong's half of the trust between Kong and Dispatch Edge: takes away what clients claim of themselves, and says, signed,
-- whom Kong authenticated and where the call came in. The README beside this folder has the contract.

local assertion = require "kong.plugins.dispatch-edge.assertion"
local client_headers = require "kong.plugins.dispatch-edge.client-headers"
local connection = require "kong.plugins.dispatch-edge.connection"
local host = require "kong.plugins.dispatch-edge.host"
local identity = require "kong.plugins.dispatch-edge.identity"

local kong = kong
local ngx = ngx

local HEADER = "Dispatch-Assertion"

local DispatchEdge = {
  VERSION = "0.1.0",
  -- Behind whatever authenticates (key-auth 1250 and the like) and whatever rewrites the request (request-transformer 801,
  -- grpc-web 3), because the assertion names the method, host and path that go upstream. Only post-function (-1000), the
  -- operator's own code, still comes later.
  PRIORITY = -500,
}

-- Kong calls this for global instances only: what a client claims is then gone before an authentication plugin could read
-- it, and what stands in X-Authenticated-Scope afterwards was said by Kong.
function DispatchEdge:rewrite(conf)
  client_headers.remove(ngx.req.get_headers(0), conf.remove_headers)
  kong.ctx.plugin.cleaned = true
end

function DispatchEdge:access(conf)
  -- 0: all of them. By default a hundred headers are seen, and the one behind them would slip through.
  local headers = ngx.req.get_headers(0)
  local forbidden = connection.forbidden(headers["connection"])
  if forbidden then
    return kong.response.exit(400, { message = "The Connection header may not name " .. forbidden })
  end
  if host.contradicts(ngx.var.host, headers["host"]) then
    return kong.response.exit(400, { message = "The Host header names another host than the target" })
  end

  client_headers.remove(headers, conf.remove_headers)

  local who, err = identity.established(conf, kong.ctx.plugin.cleaned and headers["x-authenticated-scope"])
  local text
  if not err then
    text, err = assertion.create(conf, who)
  end
  -- Whoever was authenticated here must not arrive as nobody, nor with half of what Kong knows.
  if err then
    kong.log.err("no assertion for the gateway: ", err)
    return kong.response.exit(500, { message = "An unexpected error occurred" })
  end
  if conf.consumer_headers then
    client_headers.tell(who)
  end
  if text then
    kong.service.request.set_header(HEADER, text)
  end
end

return DispatchEdge
