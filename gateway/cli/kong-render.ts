import { type Command, Option } from 'commander'
import { desiredState } from '../../kong-plugins/sync/desired/desired-state.ts'
import { type RenderFormat, type Rendering, render } from '../../kong-plugins/sync/render/render.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile, shownPath } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'

interface RenderOptions extends ConfigFileOption {
  readonly for: RenderFormat
  readonly name: string
  readonly withSecrets?: boolean
}

const HELP = `
Prints what Kong should hold as declarative configuration of format 3.0, and asks Kong nothing.
The same configuration gives the same text, so that it can be kept in Git.

  --for kong       for a Kong without a database: its \`declarative_config\`
  --for deck       for decK, which then looks only at what is ours
  --for configmap  the same as "kong", in a ConfigMap of Kubernetes

Secrets are referred to: Kong (\`{vault://env/...}\`) or decK reads them from its own environment.
Their variables are told on the standard error output. With --with-secrets they are printed as
they are, and a Secret takes the place of the ConfigMap.

Examples:
  $ npx dispatch kong render > kong.yml
  $ npx dispatch kong render --for deck | deck gateway sync -
  $ npx dispatch kong render --for configmap --name kong-config | kubectl apply -f -
`

export function addKongRenderCommand(kong: Command, context: Context): void {
  const command = kong.command('render').description('Print what Kong should hold, as YAML.')
  addConfigOption(command)
    .addOption(
      new Option('--for <reader>', 'what reads it').choices(['kong', 'deck', 'configmap']).default('kong'),
    )
    .option('--name <name>', 'of the ConfigMap or Secret', 'kong-config')
    .option('--with-secrets', 'print secrets as they are')
    .addHelpText('after', HELP)
    .action(async ({ for: format, name, withSecrets = false, ...options }: RenderOptions) => {
      const { gateway, terminal } = context
      const file = findConfigFile(options, terminal)
      const { config } = await gateway.loadConfig(file)
      if (config.kong === null) {
        throw new Failure(`${shownPath(file, terminal)} names no Kong`, 'add to it:\nkong: {}')
      }
      const rendering = render(desiredState(config), { format, withSecrets, name })
      terminal.stdout.write(rendering.text)
      terminal.stderr.write(variablesText(rendering, format))
    })
}

function variablesText({ referred }: Rendering, format: RenderFormat): string {
  if (referred.length === 0) return ''
  const reader = format === 'deck' ? 'decK' : 'Kong'
  const lines = referred.map(({ variable, of }) => `  ${variable}  ${of}\n`)
  return `Secrets that ${reader} reads from its environment:\n${lines.join('')}`
}
