import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallSummary } from '../../gateway/contract/call.ts'
import { ERRORS } from '../../gateway/contract/errors.ts'
import { HeaderList } from '../../gateway/contract/headers.ts'
import { OUTCOMES } from '../../gateway/contract/outcome.ts'
import type { Plugin, PluginDefinition } from '../../gateway/contract/plugin.ts'
import { Rejection, Reply } from '../../gateway/contract/rejection.ts'
import { type Memory, pluginHost } from '../gateway/plugins/host.ts'
import { undescribedFields } from './described-fields.ts'
import { hostileAnswers, hostileCalls } from './hostile-calls.ts'
import { loadOptions } from './load-options.ts'

/**
 * What every plugin promises, built in or from outside, as tests. Each way of writing its options that makes it take
 * another path should be among the samples.
 *
 * @param samples Options as they would be written in a configuration; the gateway fills in the defaults.
 */
export function pluginConformance(
  definition: PluginDefinition,
  samples: readonly [object, ...object[]],
): void {
  const { name } = definition

  test(`${name}: the definition says what the plugin is`, () => {
    assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    assert.ok(['stable', 'beta', 'experimental'].includes(definition.status))
    assert.match(definition.description, /^[A-Z][^\n]*\.$/)
  })

  test(`${name}: every option is described, and none is allowed that is not`, () => {
    assert.deepEqual(undescribedFields(definition.options), [])
    const unknown = loadOptions(definition.options, { ...samples[0], 'no-such-option': 1 })
    assert.ok('mistakes' in unknown && unknown.mistakes.some((mistake) => mistake.includes('no-such-option')))
  })

  test(`${name}: without options it is created, or says what it needs`, () => {
    const loaded = loadOptions(definition.options, {})
    if ('mistakes' in loaded) return
    try {
      definition.create(loaded.options, pluginHost()).close?.()
    } catch (error) {
      assert.ok(error instanceof Error)
      assert.match(error.message, /\w+ \w+/)
    }
  })

  test(`${name}: a reload finds the same shared memory`, () => {
    for (const sample of samples) {
      const memory: Memory = new Map()
      create(definition, sample, memory).close?.()
      const names = [...memory.keys()]
      create(definition, sample, memory).close?.()
      assert.deepEqual([...memory.keys()], names)
    }
  })

  test(`${name}: whatever a client sends, it passes, refuses or replies, and does not throw`, async () => {
    for (const sample of samples) {
      const plugin = create(definition, sample)
      for (const call of hostileCalls()) {
        const sent = fields(call.requestHeaders)
        const early = plugin.precheck?.(call)
        assert.ok(!(early instanceof Promise), 'precheck waits')
        checkVerdict(early)
        checkVerdict(await plugin.access?.(call))
        checkHeaders(fields(call.requestHeaders).difference(sent))
        // What the call keeps is given back at its end, and that does not throw.
        call.end()
      }
      plugin.close?.()
    }
  })

  test(`${name}: whatever a function answers, its headers are edited into valid ones or left alone`, () => {
    for (const sample of samples) {
      const plugin = create(definition, sample)
      for (const call of plugin.headerFilter === undefined ? [] : hostileCalls()) {
        for (const [status, answer] of hostileAnswers()) {
          const headers = new HeaderList([...answer])
          const before = fields(headers)
          assert.equal(plugin.headerFilter!(call, status, headers), undefined)
          checkHeaders(fields(headers).difference(before))
        }
      }
      plugin.close?.()
    }
  })

  test(`${name}: the end of a call is logged without throwing, whatever the end was`, () => {
    for (const sample of samples) {
      const plugin = create(definition, sample)
      const outcomes = [...Object.keys(OUTCOMES), 'rejected', 'replied'] as CallSummary['outcome'][]
      for (const outcome of plugin.log === undefined ? [] : outcomes) {
        const summary = { outcome, status: 499, attempts: 0, backend: null, durationMs: 0 }
        for (const call of hostileCalls()) plugin.log!(call, summary)
      }
      plugin.close?.()
    }
  })

  test(`${name}: it may be closed twice`, () => {
    for (const sample of samples) {
      const plugin = create(definition, sample)
      plugin.close?.()
      plugin.close?.()
    }
  })
}

function create(definition: PluginDefinition, sample: object, memory: Memory = new Map()): Plugin {
  const loaded = loadOptions(definition.options, sample)
  assert.ok(
    'options' in loaded,
    `${JSON.stringify(sample)}: ${'mistakes' in loaded && loaded.mistakes.join('; ')}`,
  )
  return definition.create(loaded.options, pluginHost(memory))
}

function checkVerdict(verdict: unknown): void {
  if (verdict === undefined) return
  assert.ok(verdict instanceof Rejection || verdict instanceof Reply, 'neither a Rejection nor a Reply')
  if (verdict instanceof Rejection) assert.ok(ERRORS[verdict.code].status >= 400)
  else assert.ok(verdict.status >= 200 && verdict.status < 600)
  checkHeaders(fields(new HeaderList([...verdict.headers])))
}

/** Fields of a list, each as one text. */
function fields({ flat }: HeaderList): Set<string> {
  assert.equal(flat.length % 2, 0)
  return new Set(Array.from({ length: flat.length / 2 }, (_, i) => `${flat[2 * i]}: ${flat[2 * i + 1]}`))
}

function checkHeaders(written: ReadonlySet<string>): void {
  for (const field of written) {
    const shown = field.slice(0, 100)
    assert.match(field, /^[!#$%&'*+.^_`|~0-9a-z-]+: (?:[\t -~\x80-\xff]*[!-~\x80-\xff])?$/, shown)
    assert.ok(field.length < 65_536, `a header of ${field.length} characters: ${shown}`)
  }
}
