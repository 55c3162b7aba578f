import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  collidesWithOurs,
  connectionNames,
  isDroppedFromAnswer,
  mayBeTrailer,
  ruleFor,
} from '../../../gateway/invocation/header-rules.ts'

test('fields of a connection never pass', () => {
  for (const name of [
    'connection',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'proxy-connection',
    'proxy-authorization',
    'http2-settings',
    'content-length',
    'expect',
    'host',
  ]) {
    assert.ok(['drop', 'take'].includes(ruleFor(name)!), name)
  }
})

test('who calls is for a trusted proxy to say, and in the words of the gateway for nobody', () => {
  for (const name of [
    'x-consumer-id',
    'x-credential-identifier',
    'x-anonymous-consumer',
    'x-gw-tenant',
    'x-gw-',
    'x-forwarded-client-cert',
  ]) {
    assert.equal(ruleFor(name), 'vouch', name)
  }
  for (const name of ['dispatch-hint', 'dispatch-zone', 'dispatch-explain', 'dispatch-timing'])
    assert.equal(ruleFor(name), 'take', name)
  for (const name of ['dispatch-subject', 'dispatch-', 'forwarded', 'x-real-ip'])
    assert.equal(ruleFor(name), 'drop', name)
})

test('other fields pass, whatever objects make of their names', () => {
  for (const name of [
    'accept',
    'authorization',
    'cookie',
    'content-type',
    'x-gwen',
    'dispatcher',
    'constructor',
    '__proto__',
    'tostring',
    '',
  ]) {
    assert.equal(ruleFor(name), undefined, name)
  }
})

test('an underscore collides with every field that is ours', () => {
  for (const name of [
    'x_consumer_id',
    'content_length',
    'transfer_encoding',
    'dispatch_subject',
    'x-gw_tenant',
    'authorization',
    'x_forwarded-for',
  ]) {
    assert.ok(collidesWithOurs(name), name)
  }
  for (const name of ['x_plain', 'my_header', '_']) assert.ok(!collidesWithOurs(name), name)
})

test('fields that frame, route or authorize are no trailers', () => {
  for (const name of [
    'host',
    'content-length',
    'transfer-encoding',
    'authorization',
    'cookie',
    'x-forwarded-for',
    'dispatch-subject',
    'content_length',
  ]) {
    assert.ok(!mayBeTrailer(name), name)
  }
  for (const name of ['vary', 'x-checksum', 'content-type', 'digest']) assert.ok(mayBeTrailer(name), name)
})

test('names in a Connection header are found over all its values', () => {
  assert.deepEqual([...connectionNames('close, X-A ,\tx-b,,')], ['close', 'x-a', 'x-b', ''])
  for (const plain of ['', 'close', 'keep-alive']) assert.equal(connectionNames(plain).size, 0)
})

test('an answer keeps what is the function’s to say', () => {
  for (const name of ['connection', 'transfer-encoding', 'upgrade', 'x-request-id', 'dispatch-error']) {
    assert.ok(isDroppedFromAnswer(name), name)
  }
  for (const name of ['content-length', 'set-cookie', 'etag', 'www-authenticate'])
    assert.ok(!isDroppedFromAnswer(name), name)
})
