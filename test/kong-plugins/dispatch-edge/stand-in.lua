-- What of Kong 3.9 and OpenResty the plugin uses, as recorded, for a Lua 5.1 without them. Cryptography is asked of
-- whoever runs this, by yielding, so that it is that of OpenSSL here too.

local function hex(bytes)
  return (bytes:gsub(".", function(char) return ("%02x"):format(char:byte()) end))
end

local function unhex(text)
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function encode_base64(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes:byte(at, at + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for digit = 0, (b and 2 or 1) + (c and 1 or 0) do
      local index = math.floor(bits / 64 ^ (3 - digit)) % 64 + 1
      out[#out + 1] = ALPHABET:sub(index, index)
    end
  end
  return table.concat(out)
end

-- The request at hand, and what became of it.
local now, request, answer, logged

local function each_header(name, found)
  for i = #request.headers, 1, -1 do
    if request.headers[i][1]:lower() == name:lower() then
      found(i)
    end
  end
end

local function clear_header(name)
  each_header(name, function(i) table.remove(request.headers, i) end)
end

ngx = {
  ctx = {},
  time = function() return now end,
  req = {
    get_method = function() return request.method end,
    -- Without an argument, or with a limit, some headers are not seen.
    get_headers = function(most)
      assert(most == 0, "all headers are to be read")
      local headers = {}
      for _, header in ipairs(request.headers) do
        local name, value = header[1]:lower(), header[2]
        local before = headers[name]
        if before == nil then
          headers[name] = value
        elseif type(before) == "table" then
          before[#before + 1] = value
        else
          headers[name] = { before, value }
        end
      end
      return headers
    end,
  },
}

kong = {
  client = {
    get_consumer = function() return request.consumer end,
    get_credential = function() return request.credential end,
  },
  ctx = {},
  db = { acls = {} },
  log = { err = function(...) logged = table.concat({ ... }) end },
  response = {
    exit = function(status, body)
      answer = { status = status, message = body.message }
    end,
  },
  service = {
    request = {
      clear_header = clear_header,
      set_header = function(name, value)
        assert(type(value) == "string", "a header is a string")
        clear_header(name)
        table.insert(request.headers, { name, value })
      end,
    },
  },
}

-- A context is to be reset before each use.
local function context(what, key)
  local data
  return {
    reset = function() data = "" return true end,
    update = function(_, more) data = data .. more return true end,
    final = function(_, more)
      local all = data .. (more or "")
      data = nil
      return coroutine.yield(what, key, all)
    end,
  }
end

package.preload["resty.openssl.hmac"] = function()
  return { new = function(key, hash) assert(hash == "sha256") return context("mac", key) end }
end

package.preload["resty.openssl.digest"] = function()
  return { new = function(hash) assert(hash == "sha256") return context("digest", "") end }
end

package.preload["ngx.base64"] = function()
  return {
    encode_base64url = function(bytes) return (encode_base64(bytes):gsub("[+/]", { ["+"] = "-", ["/"] = "_" })) end,
  }
end

package.preload["kong.plugins.acl.groups"] = function()
  return {
    get_consumer_groups = function(id)
      assert(id == request.consumer.id)
      if request.acl_error then
        return nil, request.acl_error
      end
      return request.acl
    end,
  }
end

package.preload["kong.db.schema.typedefs"] = function()
  return { no_consumer = { type = "foreign" }, protocols_http = { type = "set" }, header_name = { type = "string" } }
end

-- Configurations by name: Kong gives the plugin the same table until they change.
local configurations = {}

function CONFIGURE(name, config)
  configurations[name] = config
  return ""
end

-- A vault that has another secret changes the table in place.
function CHANGE_SECRET(name, secret)
  configurations[name].key_secret = secret
  return ""
end

local function run(given)
  request, answer, logged, now = given, nil, nil, given.now
  local shared, groups = given.shared_groups, given.ctx_groups
  kong.ctx.plugin, kong.ctx.shared = {}, { authenticated_groups = shared }
  ngx.ctx = { authenticated_groups = groups }
  ngx.var = { host = given.host, upstream_uri = given.uri, upstream_x_forwarded_host = given.host }
  local handler = require "kong.plugins.dispatch-edge.handler"
  if given.global then
    handler:rewrite(configurations[given.config])
    -- Between the two phases Kong's own plugins speak.
    for _, header in ipairs(given.by_kong or {}) do
      table.insert(request.headers, header)
    end
  end
  handler:access(configurations[given.config])
  local lines = { tostring(answer and answer.status or 0), hex(answer and answer.message or ""), hex(logged or "") }
  for _, header in ipairs(request.headers) do
    lines[#lines + 1] = hex(header[1]) .. " " .. hex(header[2])
  end
  return table.concat(lines, "\n")
end

local running

local function step(...)
  local ok, first, key, data = coroutine.resume(running, ...)
  if not ok then
    return "failed\n" .. tostring(first)
  end
  if coroutine.status(running) == "dead" then
    return "done\n" .. first
  end
  return table.concat({ "ask", first, hex(key), hex(data) }, "\n")
end

function CALL(given)
  running = coroutine.create(run)
  return step(given)
end

function ANSWER(bytes)
  return step(unhex(bytes))
end

function IS_UTF8(bytes)
  return tostring(require("kong.plugins.dispatch-edge.text").is_utf8(bytes))
end

function SETTINGS()
  local names = {}
  for _, field in ipairs(require("kong.plugins.dispatch-edge.schema").fields) do
    for _, setting in ipairs(field.config and field.config.fields or {}) do
      local name, about = next(setting)
      assert(about.description and about.type, name)
      names[#names + 1] = name
    end
  end
  return table.concat(names, " ")
end
