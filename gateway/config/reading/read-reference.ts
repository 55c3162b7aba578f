import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Type } from 'typebox'
import { quote } from '../mistakes.ts'
import type { Written } from '../written.ts'
import { type Also, BROKEN, type Reading } from './reading.ts'
import { type SchemaView, viewOf } from './schema-view.ts'

/** A key or certificate has a few kilobytes. */
const MAX_BYTES = 1024 * 1024

const Reference = viewOf(
  Type.Object({
    env: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        expected: 'the name of an environment variable',
        private: true,
      }),
    ),
    file: Type.Optional(Type.String({ minLength: 1, expected: 'the path of a file' })),
  }),
)

/** A secret, a text that may live elsewhere, or a path. What was read is never repeated in a mistake. */
export function readReference(
  reading: Reading,
  schema: SchemaView,
  form: 'secret' | 'text' | 'path',
  written: Written,
  also: Also,
): unknown {
  const isText = written.kind === 'scalar' && typeof written.value === 'string' && written.value !== ''
  if (form === 'path')
    return isText
      ? readPath(reading, schema, written, written.value as string)
      : reading.mismatch(schema, written, also)
  if (form === 'text' && isText) return written.value
  if (written.kind !== 'map') {
    reading.hide(written)
    if (written.kind === 'scalar' && written.value === null) return reading.mismatch(schema, written, also)
    const message = form === 'secret' ? 'a secret is written into the configuration' : 'this is not a text'
    return reading.refuse(written, { message, expected: '{ env: NAME } or { file: path }' })
  }
  const reference = reading.read(Reference, written) as { env?: string; file?: string } | typeof BROKEN
  if (reference === BROKEN) return BROKEN
  const { env, file } = reference
  // Placeholders for what has been told.
  if (env === '' || file === '') return BROKEN
  if ((env === undefined) === (file === undefined)) {
    const message =
      env === undefined ? 'neither `env` nor `file` is given' : '`env` and `file` are both given'
    return reading.refuse(written, { message, expected: '{ env: NAME } or { file: path }' })
  }
  return env === undefined ? readFile(reading, written, file!) : readVariable(reading, written, env)
}

function readVariable(reading: Reading, written: Written, name: string): unknown {
  const value = reading.surroundings.environment[name]
  if (value !== undefined && value !== '') return value
  const message = `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`
  return reading.refuse(written, { message, expected: 'a variable that is set when the gateway starts' })
}

function readFile(reading: Reading, written: Written, name: string): unknown {
  const refuse = (problem: string) =>
    reading.refuse(written, {
      message: `the file ${quote(name)} ${problem}`,
      expected: 'a file of text; paths count from the configuration file',
    })
  const path = resolve(reading.surroundings.directory, name)
  try {
    const stats = statSync(path)
    if (!stats.isFile()) return refuse('is not a file')
    if (stats.size > MAX_BYTES) return refuse('is larger than 1 MiB')
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replace(/\r?\n$/, '')
    return text === '' ? refuse('is empty') : text
  } catch (error) {
    return refuse(problemWith(error))
  }
}

function readPath(reading: Reading, schema: SchemaView, written: Written, name: string): unknown {
  const path = resolve(reading.surroundings.directory, name)
  const exists = schema['exists'] ?? 'any'
  if (exists === 'any') return path
  try {
    const stats = statSync(path)
    if (exists === 'folder' ? stats.isDirectory() : stats.isFile()) return path
    return reading.refuse(written, {
      message: `${quote(name)} is not a ${exists}`,
      expected: `the path of a ${exists}`,
    })
  } catch (error) {
    const message = `${quote(name)} ${problemWith(error)}`
    return reading.refuse(written, {
      message,
      expected: `a ${exists}; paths count from the configuration file`,
    })
  }
}

function problemWith(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read'
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ? 'is not text in UTF-8'
    : `cannot be read (${code ?? 'unknown error'})`
}
