import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hint, HintMistake, MOST_CHARACTERS, parseHint } from '../../../gateway/placement/hint.ts'
import { Corpus } from '../identity/corpus.ts'
import { randomOf } from '../plugins/support/random.ts'

const NOTHING = { gpu: null, arch: null, memory: null, labels: {} }
const NO_HINT = { zone: null, needs: NOTHING, burst: true, maxLatencyMs: Infinity }

function hintFrom(value: string): Hint {
  const hint = parseHint(value)
  assert.ok(hint instanceof Hint, `${value}: ${(hint as HintMistake).detail}`)
  return hint
}

function mistakeIn(value: string): string {
  const mistake = parseHint(value)
  assert.ok(mistake instanceof HintMistake, `${value} was taken`)
  return mistake.detail
}

const TAKEN: [string, Partial<Hint>][] = [
  ['', {}],
  ['  ', {}],
  ['zone="eu-west-1/a"', { zone: 'eu-west-1/a' }],
  ['zone="eu-west-1"', { zone: 'eu-west-1' }],
  ['gpu', { needs: { ...NOTHING, gpu: { model: null, count: 1 } } }],
  ['gpu=?1', { needs: { ...NOTHING, gpu: { model: null, count: 1 } } }],
  ['gpu="a100"', { needs: { ...NOTHING, gpu: { model: 'a100', count: 1 } } }],
  ['gpu=?0', {}],
  ['arch="arm64"', { needs: { ...NOTHING, arch: 'arm64' } }],
  ['burst=?0', { burst: false }],
  ['burst', {}],
  ['max-latency=200', { maxLatencyMs: 200 }],
  ['max-latency=1.5', { maxLatencyMs: 1.5 }],
  ['label.tier="gold"', { needs: { ...NOTHING, labels: { tier: 'gold' } } }],
  ['label.a="say \\"x\\""', { needs: { ...NOTHING, labels: { a: 'say "x"' } } }],
  ['label.constructor="x"', { needs: { ...NOTHING, labels: { constructor: 'x' } } }],
  ['  zone="a"  ,\tburst=?0  ', { zone: 'a', burst: false }],
  // The last of two counts (RFC 9651, 4.2.2).
  ['zone="a", zone="b"', { zone: 'b' }],
  ['burst=?0, burst', {}],
  ['gpu="a100", gpu=?0', {}],
  [
    'zone="eu-west-1/a", gpu, arch="amd64", burst=?0, max-latency=200, label.tier="gold", label.team="x"',
    {
      zone: 'eu-west-1/a',
      needs: {
        gpu: { model: null, count: 1 },
        arch: 'amd64',
        memory: null,
        labels: { tier: 'gold', team: 'x' },
      },
      burst: false,
      maxLatencyMs: 200,
    },
  ],
]
for (const [value, expected] of TAKEN) {
  test(`a hint is taken: ${JSON.stringify(value)}`, () => {
    assert.deepEqual({ ...hintFrom(value) }, { ...NO_HINT, ...expected })
  })
}

const REFUSED: [string, RegExp][] = [
  ['zone=eu-west-1', /^zone must be .* in quotes/],
  ['zone="EU"', /^zone must be/],
  ['zone="a/b/c"', /^zone must be/],
  ['zone=""', /^zone must be/],
  ['zone', /^zone must be/],
  ['zone=("a" "b")', /^zone must be/],
  ['zone=%"a"', /^zone must be/],
  ['gpu=a100', /^gpu must stand alone/],
  ['gpu=1', /^gpu must stand alone/],
  ['gpu="A100"', /^gpu must .* in lower case/],
  ['gpu=""', /^gpu must/],
  ['gpu="a100";count=2', /^gpu takes no parameters\.$/],
  ['arch="x86_64"', /^arch must be one of amd64, arm64/],
  ['arch=arm64', /^arch must be one of/],
  ['arch="constructor"', /^arch must be one of/],
  ['burst=0', /^burst must be \?0 or \?1\.$/],
  ['burst="no"', /^burst must be/],
  ['max-latency="200"', /^max-latency must be a number of milliseconds/],
  ['max-latency=0', /^max-latency must be/],
  ['max-latency=-0', /^max-latency must be/],
  ['max-latency=-5', /^max-latency must be/],
  ['max-latency=3600001', /^max-latency must be/],
  ['max-latency=200ms', /^It is not a dictionary of RFC 9651: .* at offset 15\.$/],
  ['max-latency', /^max-latency must be/],
  ['label.tier', /^label\.tier must be a text/],
  ['label.tier=""', /^label\.tier must be a text/],
  ['label.tier=gold', /^label\.tier must be a text/],
  ['label.a_b="x"', /^label\.a_b is unknown/],
  ['label.="x"', /^label\. is unknown/],
  ['label="x"', /^label is unknown/],
  ['zoen="a"', /^zoen is unknown; zone may be meant\. Known are zone, gpu,/],
  ['maxlatency=5', /^maxlatency is unknown; max-latency may be meant/],
  ['colour="red"', /^colour is unknown\. Known are/],
  ['__proto__', /^It is not a dictionary/],
  ['constructor', /^constructor is unknown\. Known/],
  [`${'x'.repeat(200)}=1`, /^x{57}\.\.\. is unknown\. Known/],
  ['Zone="a"', /^It is not a dictionary of RFC 9651: A key must begin .* at offset 0\.$/],
  ['zone="a', /^It is not a dictionary .* at offset 7\.$/],
  ['zone="a" burst=?0', /^It is not a dictionary .* at offset 9\.$/],
  ['zone="a",', /^It is not a dictionary .* at offset 9\.$/],
  [',', /^It is not a dictionary/],
  ['zone="ä"', /^It is not a dictionary/],
  ['burst=?2', /^It is not a dictionary/],
  ['burst=?', /^It is not a dictionary/],
  ['max-latency=9999999999999999', /^It is not a dictionary/],
  ['zone=%"%ff"', /^It is not a dictionary/],
  ['zone=%"%\u0001ü"', /^It is not a dictionary [\x20-\x7e]*$/],
  ['zone=@99999999999999999999', /^It is not a dictionary/],
  ['zone=:!:', /^It is not a dictionary/],
  ['zone=(((((', /^It is not a dictionary/],
  [' '.repeat(MOST_CHARACTERS + 1), /^It is longer than 1024 characters\.$/],
]
for (const [value, detail] of REFUSED) {
  test(`a hint is refused with what is wrong: ${JSON.stringify(value.slice(0, 40))}`, () => {
    assert.match(mistakeIn(value), detail)
  })
}

test('the longest hint that is taken has 1024 characters', () => {
  const most = `label.a="${'x'.repeat(MOST_CHARACTERS - 10)}"`
  assert.equal(most.length, MOST_CHARACTERS)
  hintFrom(most)
})

/** A hint as somebody would write it, and what it means. */
function randomHint(next: (below: number) => number): { text: string; expected: Hint } {
  const zone = ['a', 'eu-west-1', 'eu-west-1/a'][next(6)] ?? null
  const model = ['a100', 't4'][next(4)]
  const gpu = model !== undefined ? { model, count: 1 } : next(2) === 0 ? { model: null, count: 1 } : null
  const arch = ['amd64', 'arm64'][next(4)] ?? null
  const labels = Object.fromEntries(
    Array.from({ length: next(4) }, (_, i) => [`l${i}`, 'a "\\ ,;=~'.slice(next(9))]),
  )
  const burst = next(2) === 0
  const latency = next(3) === 0 ? 1 + next(3_600_000) : null
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  const members = [
    ...(zone === null ? [] : [`zone=${quoted(zone)}`]),
    ...(gpu === null ? [] : [gpu.model === null ? ['gpu', 'gpu=?1'][next(2)]! : `gpu=${quoted(gpu.model)}`]),
    ...(arch === null ? [] : [`arch=${quoted(arch)}`]),
    ...Object.entries(labels).map(([name, value]) => `label.${name}=${quoted(value)}`),
    ...(burst ? [] : ['burst=?0']),
    ...(latency === null ? [] : [`max-latency=${latency}`]),
  ]
  const text = members.toSorted(() => next(3) - 1).join([',', ', ', ' ,\t '][next(3)])
  return { text, expected: new Hint(zone, { gpu, arch, memory: null, labels }, burst, latency ?? Infinity) }
}

test('5000 random hints mean what they say, in any order and spacing', () => {
  for (let seed = 1; seed <= 5000; seed++) {
    const { text, expected } = randomHint(randomOf(seed))
    assert.deepEqual(hintFrom(text), expected, `seed ${seed}: ${text}`)
  }
})

const PIECES = ' \t,;=?01"\\()%:@*-._azAZ9\u0000\u007fäÿ\u0100\ud800'.split('')

test('50000 damaged hints are taken or refused with a sentence, never more than either', () => {
  let refused = 0
  for (let seed = 1; seed <= 50_000; seed++) {
    const next = randomOf(seed)
    let { text } = randomHint(next)
    for (let i = next(6); i >= 0; i--) {
      const at = next(text.length + 1)
      text = text.slice(0, at) + PIECES[next(PIECES.length)] + text.slice(at + next(4))
    }
    const hint = parseHint(text)
    if (hint instanceof HintMistake) {
      refused++
      assert.match(hint.detail, /^[\x20-\x7e]{5,400}\.$/, `seed ${seed}`)
      continue
    }
    assert.ok(hint.zone === null || /^[a-z0-9/-]+$/.test(hint.zone), `seed ${seed}`)
    assert.ok(hint.maxLatencyMs >= 1, `seed ${seed}`)
    assert.equal(typeof hint.burst, 'boolean')
    for (const value of Object.values(hint.needs.labels)) assert.match(value, /^[\x20-\x7e]+$/)
  }
  assert.ok(refused > 20_000, `only ${refused} were refused`)
})

const corpus = new Corpus('structured-field-tests')

test('every dictionary that RFC 9651 refuses is refused for its syntax, and no other', corpus.options, () => {
  interface Case {
    readonly name: string
    readonly raw: readonly string[]
    readonly header_type: string
    readonly must_fail?: boolean
    readonly can_fail?: boolean
  }
  const files = ['dictionary', 'key-generated', 'param-dict', 'examples', 'large-generated']
  const cases = files
    .flatMap((file) => corpus.json(`${file}.json`) as Case[])
    .filter(({ header_type, can_fail }) => header_type === 'dictionary' && can_fail !== true)
  assert.ok(cases.length > 300, `${cases.length} cases`)
  for (const { name, raw, must_fail = false } of cases) {
    const value = raw.join(', ')
    if (value.length > MOST_CHARACTERS) continue
    const hint = parseHint(value)
    const isSyntax = hint instanceof HintMistake && hint.detail.startsWith('It is not a dictionary')
    assert.equal(isSyntax, must_fail, name)
  }
})

test('a hint written as a caller would write it is the same hint', () => {
  for (const value of [
    'zone="eu-west-1/a", gpu="a100", arch="arm64", label.tier="a\\"b\\\\c", burst=?0, max-latency=200.5',
    'gpu',
    '',
  ]) {
    const hint = parseHint(value) as Hint
    assert.equal(hint.text, value)
    assert.deepEqual(parseHint(hint.text), hint)
  }
})
