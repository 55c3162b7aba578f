import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-lambda'
import { regionalEndpoint } from '../../../drivers/lambda/function-name.ts'
import { functionFailure, serviceFailure } from '../../../drivers/lambda/outcomes.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'

/** Exceptions of Invoke by outcome, with the status that the model gives them. */
const EXCEPTIONS: Readonly<Partial<Record<Outcome, Readonly<Record<number, readonly string[]>>>>> = {
  overloaded: { 429: ['TooManyRequests'] },
  'not-found': { 404: ['ResourceNotFound'] },
  'invalid-input': { 400: ['InvalidRequestContent'] },
  'too-large': { 413: ['RequestTooLarge', 'SerializedRequestEntityTooLarge'] },
  'not-ready': {
    400: ['NoPublishedVersion', 'SnapStart'],
    403: ['EFSMountFailure', 'S3FilesMountFailure'],
    408: [
      'EFSMountConnectivity',
      'EFSMountTimeout',
      'S3FilesMountConnectivity',
      'S3FilesMountTimeout',
      'SnapStartTimeout',
    ],
    409: [
      'ResourceConflict',
      'CodeArtifactUserDeleted',
      'CodeArtifactUserFailed',
      'CodeArtifactUserPending',
      'SnapStartNotReady',
      'SnapStartRegenerationFailure',
    ],
    502: [
      'EC2AccessDenied',
      'EC2Throttled',
      'EC2Unexpected',
      'ENILimitReached',
      'ENINotReady',
      'InvalidRuntime',
      'InvalidSecurityGroupID',
      'InvalidSubnetID',
      'InvalidZipFile',
      'KMSAccessDenied',
      'KMSDisabled',
      'KMSInvalidState',
      'KMSNotFound',
      'ResourceNotReady',
      'SubnetIPAddressLimitReached',
    ],
  },
  denied: {
    400: ['InvalidParameterValue', 'ModeNotSupported', 'RecursiveInvocation'],
    402: ['ServiceQuotaExceeded'],
    403: [
      'AccessDenied',
      'InvalidSignature',
      'UnrecognizedClient',
      'ExpiredToken',
      'IncompleteSignature',
      'MissingAuthenticationToken',
    ],
    409: ['DurableExecutionAlreadyStarted'],
    412: ['PreconditionFailed'],
    415: ['UnsupportedMediaType'],
  },
  reset: { 410: ['EFSIO'], 500: ['Service'] },
}

const LISTED = Object.entries(EXCEPTIONS).flatMap(([outcome, byStatus]) =>
  Object.entries(byStatus).flatMap(([status, names]) =>
    names.map((name) => ({ outcome, status: Number(status), name: `${name}Exception` })),
  ),
)

/** Of other operations than those that invoke. */
const OF_OTHERS =
  /^(?:AliasLimit|Callback|Capacity|CodeSigning|CodeStorage|CodeVerification|FunctionVersions|InvalidCodeSignature|LambdaService|PolicyLength|Provisioned|PublicPolicy|ResourceInUse)/

test('every exception that the model of Invoke has means one outcome, in each form of its name', () => {
  for (const { outcome, status, name } of LISTED) {
    const bodies: [string | null, object][] = [
      [name, { Type: 'User', message: 'm' }],
      [`${name}:http://internal.amazon.com/coral/com.amazon.coral.service/`, { Message: 'm' }],
      [null, { __type: `com.amazonaws.lambda#${name}`, message: 'm' }],
      [null, { code: name, message: 'm' }],
    ]
    for (const [errorType, body] of bodies) {
      const failure = serviceFailure(status, errorType, JSON.stringify(body))
      assert.equal(failure.outcome, outcome, `${status} ${name}`)
      assert.equal(failure.detail, `Lambda answers ${status} · ${name} · m`)
    }
  }
})

test('the AWS SDK knows no exception of an invocation that is not listed here', () => {
  const known = Object.keys(sdk).filter((name) => name.endsWith('Exception') && !OF_OTHERS.test(name))
  const listed = new Set(LISTED.map(({ name }) => name))
  assert.deepEqual(
    known.filter((name) => !listed.has(name)),
    [],
  )
})

test('what has no name of the model and a 5xx may have run; nothing of it makes a line of a log', () => {
  for (const [status, body] of [
    [502, '<html>bad gateway</html>'],
    [503, ''],
    [500, '[1]'],
    [504, '{"message":"a\\r\\nb\\u0000"}'],
  ] as const) {
    const { outcome, detail } = serviceFailure(status, null, body)
    assert.equal(outcome, 'reset')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(detail, /[\u0000-\u001f]|html/)
  }
  assert.ok(serviceFailure(500, 'x'.repeat(9999), `{"message":"${'y'.repeat(9999)}"}`).detail.length <= 500)
})

test('every way in which a function was recorded to fail has its outcome, and no stack', () => {
  const recorded: [string, object, Outcome][] = [
    [
      'Unhandled',
      { errorType: 'TypeError', errorMessage: 'boom', trace: ['at secret.js:1'], requestId: 'r' },
      'function-error',
    ],
    [
      'Unhandled',
      { errorMessage: 'boom', errorType: 'Exception', stackTrace: ['secret.py'] },
      'function-error',
    ],
    ['Handled', { errorMessage: 'boom', errorType: 'MyError' }, 'function-error'],
    [
      'Unhandled',
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: 1 Error: Task timed out after 3.00 seconds',
      },
      'timeout',
    ],
    [
      'Unhandled',
      {
        errorType: 'Runtime.ExitError',
        errorMessage: 'RequestId: 1 Error: Runtime exited with error: exit status 127',
      },
      'function-error',
    ],
    [
      'Unhandled',
      {
        errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        errorType: 'Function.ResponseSizeTooLarge',
      },
      'function-error',
    ],
  ]
  for (const [kind, body, outcome] of recorded) {
    const failure = functionFailure(kind, JSON.stringify(body))
    assert.equal(failure.outcome, outcome, JSON.stringify(body))
    assert.doesNotMatch(failure.detail, /secret/)
  }
  assert.equal(functionFailure('Unhandled', 'no json').outcome, 'function-error')
})

test('a region is where the AWS SDK looks for it, in every partition', async () => {
  const regions = ['eu-central-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-iso-east-1']
  for (const region of [...regions, 'us-isob-east-1', 'us-isof-south-1', 'eu-isoe-west-1']) {
    let host = ''
    const requestHandler = {
      handle: async (request: { hostname: string }) => {
        host = request.hostname
        throw new Error('far enough')
      },
    }
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' }
    const client = new sdk.LambdaClient({ region, credentials, requestHandler, maxAttempts: 1 } as object)
    await assert.rejects(client.send(new sdk.ListFunctionsCommand({})), /far enough/)
    assert.equal(regionalEndpoint(region), `https://${host}`)
  }
})
