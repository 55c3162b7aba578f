package = "kong-plugin-dispatch-edge"
version = "0.1.0-1"
rockspec_format = "3.0"

-- Installed from this folder: `luarocks make`.
source = {
  url = "git+file://.",
}

description = {
  summary = "Tells Dispatch Edge, signed, whom Kong authenticated",
  detailed = "Removes what clients claim of themselves and passes the consumer, its groups and the zone to the gateway as a short-lived assertion.",
  license = "Apache-2.0",
}

dependencies = {
  "lua >= 5.1, < 5.2",
}

build = {
  type = "builtin",
  modules = {
    ["kong.plugins.dispatch-edge.assertion"] = "kong/plugins/dispatch-edge/assertion.lua",
    ["kong.plugins.dispatch-edge.client-headers"] = "kong/plugins/dispatch-edge/client-headers.lua",
    ["kong.plugins.dispatch-edge.connection"] = "kong/plugins/dispatch-edge/connection.lua",
    ["kong.plugins.dispatch-edge.handler"] = "kong/plugins/dispatch-edge/handler.lua",
    ["kong.plugins.dispatch-edge.host"] = "kong/plugins/dispatch-edge/host.lua",
    ["kong.plugins.dispatch-edge.identity"] = "kong/plugins/dispatch-edge/identity.lua",
    ["kong.plugins.dispatch-edge.schema"] = "kong/plugins/dispatch-edge/schema.lua",
    ["kong.plugins.dispatch-edge.text"] = "kong/plugins/dispatch-edge/text.lua",
  },
}
