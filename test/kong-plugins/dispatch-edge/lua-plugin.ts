import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { KEY } from './assertion.ts'
import { type Lua, luaValue } from './lua.ts'

export const PLUGIN_FOLDER = join(import.meta.dirname, '../../../kong-plugins/dispatch-edge')
const SOURCES = join(PLUGIN_FOLDER, 'kong/plugins/dispatch-edge')

type Bytes = string | Buffer

/** A request as it reaches the plugin, and what Kong knows of it. */
export interface PluginCall {
  readonly config?: string
  readonly method?: string
  readonly host?: Bytes
  /** Path that goes upstream. */
  readonly uri?: Bytes
  readonly headers?: readonly (readonly [Bytes, Bytes])[]
  readonly consumer?: { readonly id: Bytes; readonly username?: Bytes; readonly custom_id?: Bytes }
  readonly credential?: object | null
  /** Groups of the consumer. */
  readonly acl?: readonly Bytes[]
  readonly acl_error?: string
  /** `kong.ctx.shared.authenticated_groups`. */
  readonly shared_groups?: readonly Bytes[]
  /** `ngx.ctx.authenticated_groups`. */
  readonly ctx_groups?: readonly Bytes[]
  /** The instance is global: Kong calls `rewrite` first. */
  readonly global?: boolean
  /** What Kong's plugins add between the phases. */
  readonly by_kong?: readonly (readonly [string, string])[]
  /** Seconds since 1970. */
  readonly now?: number
}

export interface PluginAnswer {
  /** Of an answer by the plugin; 0 when the request goes on. */
  readonly status: number
  readonly message: string
  /** Last line of the log. */
  readonly logged: string
  /** As they go on, names in lower case. */
  readonly headers: readonly (readonly [string, Buffer])[]
  readonly assertion: string | null
}

export const NOW_S = 1_795_000_003
export const ALICE = {
  consumer: { id: 'b32379d9-3d28-5683-a79c-72139be6e34f', username: 'alice' },
  credential: { id: '40ea5fc5-3895-4a06-a84a-544896cd35c7', key: 'the-key-itself' },
}

/** The real plugin in a Lua, on a stand-in for Kong. */
export class LuaPlugin {
  readonly #lua: Lua

  private constructor(lua: Lua) {
    this.#lua = lua
  }

  static async load(lua: Lua): Promise<LuaPlugin> {
    await lua.run(readFileSync(join(import.meta.dirname, 'stand-in.lua'), 'utf8'))
    for (const file of readdirSync(SOURCES)) {
      const name = `kong.plugins.dispatch-edge.${file.replace(/\.lua$/, '')}`
      const source = readFileSync(join(SOURCES, file))
      await lua.run(`package.preload["${name}"] = assert(loadstring(${luaValue(source)}, "@${file}"))`)
    }
    const plugin = new LuaPlugin(lua)
    await plugin.configure('default')
    return plugin
  }

  /** A configuration with the defaults of the schema. */
  async configure(name: string, changes: object = {}): Promise<void> {
    const config = {
      key_id: KEY.id,
      key_secret: KEY.secret,
      audience: 'dispatch',
      lifetime: 10,
      bind_request: true,
      groups: true,
      consumer_headers: false,
      remove_headers: [],
      ...changes,
    }
    await this.run(`return CONFIGURE("${name}", ${luaValue(config)})`)
  }

  async call(call: PluginCall): Promise<PluginAnswer> {
    const given = {
      config: 'default',
      method: 'GET',
      host: 'api.example.com',
      uri: '/hello',
      headers: [],
      now: NOW_S,
      ...call,
    }
    let [verdict, ...lines] = (await this.run(`return CALL(${luaValue(given)})`)).split('\n')
    while (verdict === 'ask') {
      const [what, key, data] = lines as [string, string, string]
      const hash = what === 'mac' ? createHmac('sha256', Buffer.from(key, 'hex')) : createHash('sha256')
      const bytes = hash.update(Buffer.from(data, 'hex')).digest('hex')
      ;[verdict, ...lines] = (await this.run(`return ANSWER("${bytes}")`)).split('\n')
    }
    assert.equal(verdict, 'done', lines.join('\n'))
    const [status, message, logged, ...rest] = lines as [string, string, string]
    const headers = rest.map((line: string) => {
      const [name, value] = line.split(' ').map((part) => Buffer.from(part, 'hex')) as [Buffer, Buffer]
      return [name.toString('latin1').toLowerCase(), value] as const
    })
    const assertions = headers.filter(([name]) => name === 'dispatch-assertion')
    assert.ok(assertions.length <= 1)
    return {
      status: Number(status),
      message: Buffer.from(message, 'hex').toString(),
      logged: Buffer.from(logged, 'hex').toString(),
      headers,
      assertion: assertions[0]?.[1].toString() ?? null,
    }
  }

  run(chunk: string): Promise<string> {
    return this.#lua.run(chunk)
  }

  close(): void {
    this.#lua.close()
  }
}

/** The plugin on one Lua: loaded when it is first asked for, closed behind the tests of the file. */
export function pluginOn(open: () => Lua): () => Promise<LuaPlugin> {
  let loaded: Promise<LuaPlugin> | null = null
  after(async () => (await loaded)?.close())
  return () => {
    loaded ??= LuaPlugin.load(open())
    return loaded
  }
}

/** The bytes of the claims. */
export function payloadOf(assertion: string | null): Buffer {
  assert.ok(assertion !== null, 'there is no assertion')
  return Buffer.from(assertion.split('.')[1]!, 'base64url')
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at what they know to be there
export function claimsOf(assertion: string | null): any {
  return JSON.parse(payloadOf(assertion).toString())
}
