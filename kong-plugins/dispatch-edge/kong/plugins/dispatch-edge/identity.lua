-- Whom Kong authenticated, as far as the gateway may know it.

local text = require "kong.plugins.dispatch-edge.text"

local concat = table.concat
local kong = kong
local ngx = ngx
local pcall = pcall
local require = require
local sort = table.sort
local type = type

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

-- Groups of consumers are kept by the acl plugin; a Kong without it has none.
local has_acl, acl_groups = pcall(require, "kong.plugins.acl.groups")

local function usable(value)
  if type(value) == "string" and value ~= "" and text.is_utf8(value) then
    return value
  end
end

local function consumer_of(consumer)
  local id = type(consumer) == "table" and usable(consumer.id)
  return id and { id = id, username = usable(consumer.username), custom_id = usable(consumer.custom_id) } or nil
end

-- The id of the credential when it is one of Kong's own. Others say what must not leave Kong: that of ldap-auth is a hash
-- over the password.
local function credential_of(credential)
  local id = credential.id
  return type(id) == "string" and id:find(UUID) and id or nil
end

local function add(groups, known, list)
  for i = 1, type(list) == "table" and #list or 0 do
    local group = usable(list[i])
    if group and not known[group] then
      known[group] = true
      groups[#groups + 1] = group
    end
  end
end

-- Groups that the authentication brought with it (ldap-auth, session), and those of the consumer (acl).
local function groups_of(consumer)
  local groups, known = {}, {}
  local authenticated = kong.ctx.shared.authenticated_groups
  add(groups, known, type(authenticated) == "table" and authenticated or ngx.ctx.authenticated_groups)
  if consumer and has_acl and kong.db and kong.db.acls then
    local list, err = acl_groups.get_consumer_groups(consumer.id)
    if err then
      return nil, err
    end
    add(groups, known, list)
  end
  sort(groups)
  return groups
end

local function scope_of(header)
  return usable(type(header) == "table" and concat(header, " ") or header)
end

local _M = {}

-- @param scope the header X-Authenticated-Scope where only Kong can have written it, else false or nil
-- @return {consumer, credential, groups, scope, user}, or nil for nobody; nil and why when it cannot be told
function _M.established(conf, scope)
  local credential = kong.client.get_credential()
  -- Kong's anonymous consumer is a consumer without a credential.
  if type(credential) ~= "table" then
    return nil
  end
  local consumer = consumer_of(kong.client.get_consumer())
  -- Somebody whom Kong has no consumer for, such as a user of an LDAP directory.
  local user = not consumer and usable(credential.username) or nil
  if not consumer and not user then
    return nil
  end
  local groups = {}
  if conf.groups then
    local err
    groups, err = groups_of(consumer)
    if not groups then
      return nil, err
    end
  end
  return {
    consumer = consumer,
    credential = consumer and credential_of(credential),
    groups = groups,
    scope = scope and scope_of(scope) or nil,
    user = user,
  }
end

return _M
