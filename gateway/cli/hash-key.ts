import { hash, randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { usageFailure } from './failure.ts'

/** A key that people chose themselves can be guessed from its hash when it is short. */
const LEAST_CHARACTERS = 20

/** The gateway refuses longer ones without hashing them. */
const MOST_CHARACTERS = 512

const HELP = `
The configuration holds the hash of a key, never the key:

  identity:
    apiKeys:
      keys:
        - { name: ci, hash: "sha256:...", scopes: [invoke] }

Examples:
  $ npx dispatch hash-key                  makes a key; give it to the caller
  $ npx dispatch hash-key --stdin < key    prints the hash of a key that exists
`

export function addHashKeyCommand(program: Command, { terminal }: Context): void {
  program
    .command('hash-key')
    .description('Make an API key, or hash one, for the configuration.')
    .option('--stdin', 'read the key from standard input and print its hash alone')
    .addHelpText('after', HELP)
    .action(async ({ stdin }: { stdin?: boolean }) => {
      if (stdin) {
        const key = (await text(terminal.stdin)).replace(/\r?\n$/, '')
        terminal.stdout.write(`${hashOf(checked(key))}\n`)
      } else {
        const key = `dk_${randomBytes(32).toString('base64url')}`
        terminal.stdout.write(`key   ${key}\nhash  ${hashOf(key)}\n`)
      }
    })
}

function hashOf(key: string): string {
  return `sha256:${hash('sha256', key, 'hex')}`
}

function checked(key: string): string {
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw usageFailure('the key has characters that cannot stand in a header', 'use visible ASCII, no spaces')
  }
  if (key.length < LEAST_CHARACTERS) {
    throw usageFailure(
      `the key has ${key.length} characters; fewer than ${LEAST_CHARACTERS} can be guessed from the hash`,
      'make a good one with: npx dispatch hash-key',
    )
  }
  if (key.length > MOST_CHARACTERS) {
    throw usageFailure(`the key has ${key.length} characters; the gateway takes ${MOST_CHARACTERS} at most`)
  }
  return key
}
