import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { lauxlib, lua, lualib } from 'lua-wasm-bindings/dist/lua.51.js'

/** A Lua 5.1 that runs chunks of ASCII, one after the other, and keeps its state between them. */
export interface Lua {
  /** @returns What the chunk returns. @throws What it throws. */
  run(chunk: string): Promise<string>
  close(): void
}

/** PUC Lua 5.1.5, the language that LuaJIT implements, as WebAssembly. */
export function openWasmLua(): Lua {
  const state = lauxlib.luaL_newstate()
  lualib.luaL_openlibs(state)
  return {
    async run(chunk) {
      const status = lauxlib.luaL_dostring(state, chunk)
      const text = lua.lua_tostring(state, -1)
      lua.lua_settop(state, 0)
      if (status !== 0) throw new Error(text)
      return text
    },
    close: () => lua.lua_close(state),
  }
}

const LUAJIT = process.env['LUAJIT'] ?? 'luajit'

/** Why there is no LuaJIT, which Kong runs on; false when there is. */
export const NO_LUAJIT =
  spawnSync(LUAJIT, ['-v']).status === 0 ? false : 'LUAJIT names no LuaJIT, and none is on the path'

/** Chunks in hexadecimal, one in a line; what comes back too, with whether it went well before it. */
const SERVE = `
local function unhex(text) return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)) end
local function hex(bytes) return (bytes:gsub(".", function(char) return ("%02x"):format(char:byte()) end)) end
for line in io.lines() do
  local chunk, wrong = loadstring(unhex(line))
  local ok, result = false, wrong
  if chunk then ok, result = pcall(chunk) end
  io.write(ok and "1" or "0", hex(tostring(result)), "\\n")
  io.flush()
end
`

/** LuaJIT in a process of its own. */
export function openLuajit(): Lua {
  const process: ChildProcess = spawn(LUAJIT, ['-e', SERVE], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]()
  return {
    async run(chunk) {
      process.stdin!.write(`${Buffer.from(chunk).toString('hex')}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('LuaJIT has ended')
      const text = Buffer.from(value.slice(1), 'hex').toString()
      if (!value.startsWith('1')) throw new Error(text)
      return text
    },
    close: () => process.kill(),
  }
}

/** A value as a Lua expression in ASCII; a Buffer is a string of these bytes, undefined is left out. */
export function luaValue(value: unknown): string {
  if (Buffer.isBuffer(value))
    return `"${[...value].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`
  if (typeof value === 'string') return luaValue(Buffer.from(value))
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null || value === undefined) return 'nil'
  if (Array.isArray(value)) return `{${value.map(luaValue).join(',')}}`
  const members = Object.entries(value as object).filter(([, inner]) => inner !== undefined)
  return `{${members.map(([name, inner]) => `[${luaValue(name)}]=${luaValue(inner)}`).join(',')}}`
}

/** Each Lua that there is; `skip` says why one is not. */
export const RUNTIMES = [
  { name: 'Lua 5.1', open: openWasmLua, skip: false as const },
  { name: 'LuaJIT', open: openLuajit, skip: NO_LUAJIT },
]
