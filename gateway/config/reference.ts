import type { DriverDefinition } from '../contract/driver.ts'
import { ERRORS } from '../contract/errors.ts'
import type { PluginDefinition } from '../contract/plugin.ts'
import { type SchemaView, viewOf } from './reading/schema-view.ts'
import { type Section, sectionsOf } from './reference-sections.ts'
import type { Registry } from './registry.ts'
import { BackendSchema } from './schema/backends.ts'
import { DocumentSchema } from './schema.ts'

const INTRODUCTION = `# Configuration

Everything that may stand in \`dispatch.yaml\`, made from the schemas that the gateway checks it by:
\`npx dispatch reference\` prints this page, \`npx dispatch check\` checks a file.

The file is YAML 1.2 or JSON, UTF-8, at most 10 MiB. Anchors, aliases and merge keys (\`<<\`) work. Keys that are not
listed here are refused. A field without a default that is not marked *required* may be left out.

| what | how it is written |
| --- | --- |
| duration | \`250ms\`, \`10s\`, \`5m\`, \`1h\`, \`1d\`; always with its unit |
| size | \`500B\`, \`64KiB\`, \`10MiB\`, \`1GiB\` (powers of 1024); \`64KB\`, \`10MB\`, \`1GB\` (powers of 1000) |
| address | \`host:port\`, \`[::1]:port\`, or \`:port\` for every address of the machine |
| secret | \`{ env: NAME }\` or \`{ file: path }\`, never the secret itself; a final newline of a file is dropped |
| text | the text itself, \`{ env: NAME }\` or \`{ file: path }\` |
| name | 1 to 63 lower-case letters, digits and inner hyphens |
| zone | \`region\` or \`region/zone\` in lower case, \`eu-west-1\` or \`eu-west-1/a\`; any names, the same everywhere |
| moment | date and time with offset, \`2027-01-01T00:00:00Z\` |

Paths of files count from the folder of the configuration file.
`

/** The reference page of the configuration with the given drivers and plugins, as Markdown. The same input gives the same text. */
export function renderReference({ drivers, plugins }: Registry): string {
  const backend = viewOf(BackendSchema)
  const top = sectionsOf(viewOf(DocumentSchema), '')
  return [
    INTRODUCTION,
    ...top.map((section) => renderSection(section, 2)),
    `## Backends and drivers\n\n${backend.description}\n`,
    ...sectionsOf(backend, 'backends.NAME').map((section) => renderSection(section, 3)),
    ...[...drivers.values()].map(renderDriver),
    '## Plugins\n\nIn the order of execution. Each stands under `plugins:` of `defaults`, an organization or a route.\n',
    ...plugins.map(renderPlugin),
    renderErrors(),
  ].join('\n')
}

/** What a client may get, from the one table of codes. */
function renderErrors(): string {
  const rows = Object.entries(ERRORS)
    .filter(([, { status }]) => status > 0)
    .map(
      ([code, { status, component, title, help }]) =>
        `| \`${code}\` | ${status} | ${component} | ${title}. | ${help} |\n`,
    )
  return `## Errors

Every refusal is a problem document (RFC 9457) with one of these codes, and says it in the header \`dispatch-error\` too.

| code | status | component | title | what to do |
| --- | --- | --- | --- | --- |
${rows.join('')}`
}

function renderDriver({ kind, status, description, options, capabilities }: DriverDefinition): string {
  const can = [
    capabilities.streaming ? 'streams answers' : 'hands answers over whole',
    capabilities.rawHttp ? 'takes any path and method' : 'calls functions by name only',
  ]
  const head = `### driver: ${kind}\n\n${description} Status: ${status}; ${can.join(', ')}.\n`
  return renderOptions(head, viewOf(options), `backends.NAME`)
}

function renderPlugin({ name, status, description, options }: PluginDefinition): string {
  return renderOptions(
    `### plugin: ${name}\n\n${description} Status: ${status}.\n`,
    viewOf(options),
    `plugins.${name}`,
  )
}

function renderOptions(head: string, options: SchemaView, path: string): string {
  const sections = sectionsOf({ ...options, description: undefined }, path)
  return [head, ...sections.map((section) => renderSection(section, 4))].join('\n')
}

function renderSection({ path, description, rows }: Section, level: number): string {
  const title = path === '' ? '' : `${'#'.repeat(level)} \`${path}\`\n\n`
  const intro = description === '' ? '' : `${description}\n\n`
  if (rows.length === 0) return `${title}${intro === '' ? 'No options.\n' : intro.trimEnd()}\n`
  const table = rows.map(
    ({ field, form, standard, meaning }) =>
      `| \`${field}\` | ${cell(form)} | ${cell(standard)} | ${cell(meaning)} |\n`,
  )
  return `${title}${intro}| field | value | default | meaning |\n| --- | --- | --- | --- |\n${table.join('')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
