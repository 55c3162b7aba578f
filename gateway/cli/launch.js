#!/usr/bin/env node
// Starts the command line, or says what it needs. Plain JavaScript, because a Node that is too old for us cannot read
// TypeScript, and the person in front of it deserves better than a syntax error.
import { fileURLToPath } from 'node:url'

const LEAST = 26
const found = process.versions.node

if (Number.parseInt(found, 10) >= LEAST) {
  const { enableCompileCache } = await import('node:module')
  // Halves the time to start, for this thread and by the environment for others. Not in the folder for temporary
  // files, where others could write.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL('../../node_modules/.cache/dispatch', import.meta.url),
  )
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import('./dispatch.ts')
} else {
  const platform = `${process.platform}-${process.arch}`
  console.error(`error: Dispatch Edge needs Node ${LEAST}, this is ${found}

In its folder \`npm ci\` brings a Node of its own, which these use:
  npm start
  npx dispatch <command>

If you did that: there is none for this platform (${platform}), or npm was told to leave optional
dependencies out. Install Node ${LEAST} or later and put it first on your PATH.`)
  process.exitCode = 1
}
