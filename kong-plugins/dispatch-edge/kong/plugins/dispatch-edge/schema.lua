local typedefs = require "kong.db.schema.typedefs"

return {
  name = "dispatch-edge",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
        type = "record",
        fields = {
          { key_id = {
              description = "Name of the key that signs, one of `identity.kong.keys` of the gateway: 1 to 64 letters, digits, dots, underscores and dashes.",
              type = "string",
              required = true,
              match = "^[%w%._%-]+$",
              len_max = 64,
          }, },
          { key_secret = {
              description = "Secret of the key: its bytes as they are, at least 32. The same text as in the gateway. Best a reference to a vault such as `{vault://env/dispatch-key}`.",
              type = "string",
              required = true,
              len_min = 32,
              referenceable = true,
              encrypted = true,
          }, },
          { audience = {
              description = "Whom assertions are for: `identity.kong.audience` of the gateway.",
              type = "string",
              required = true,
              default = "dispatch",
              len_min = 1,
          }, },
          { lifetime = {
              description = "Seconds that an assertion is good for. For the first half of them the same one is sent again for the same caller and request.",
              type = "integer",
              required = true,
              default = 10,
              between = { 2, 60 },
          }, },
          { bind_request = {
              description = "Whether an assertion is good for one method, host and path only. Off where something behind this plugin changes one of them; the gateway then needs `identity.kong.boundToRequest: false`.",
              type = "boolean",
              required = true,
              default = true,
          }, },
          { zone = {
              description = "Where calls come in, `region` or `region/zone` as the gateway names places. A reference such as `{vault://env/dispatch-zone}` gives each Kong node its own.",
              type = "string",
              referenceable = true,
          }, },
          { groups = {
              description = "Whether the groups of the caller are told: those that the authentication brought, and those of the consumer (acl).",
              type = "boolean",
              required = true,
              default = true,
          }, },
          { consumer_headers = {
              description = "Whether functions get Kong's usual X-Consumer-ID, X-Consumer-Username, X-Consumer-Custom-ID and X-Credential-Identifier too, written anew from what Kong authenticated.",
              type = "boolean",
              required = true,
              default = false,
          }, },
          { remove_headers = {
              description = "Further headers that no client may send.",
              type = "set",
              required = true,
              default = {},
              elements = typedefs.header_name,
          }, },
        },
    }, },
  },
}
