import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderOf, imageOf, refuseBeyond } from '../../../drivers/support/deploy-order.ts'
import { deployOrder } from '../deploy-order.ts'

test('what a platform cannot keep is refused in one sentence that names all of it', () => {
  const order = deployOrder({ image: 'i', memoryBytes: 1, gpus: 2, labels: { a: 'b' } })
  assert.throws(() => refuseBeyond(order, 'Acme', ['labels']), {
    name: 'PlatformRefusal',
    kind: 'unsupported',
    message: 'Acme cannot give a function a limit of memory, nor GPUs.',
  })
  refuseBeyond(order, 'Acme', ['labels', 'memoryBytes', 'gpus'])
})

test('what an order leaves open, or sets to nothing, is refused by nobody', () => {
  refuseBeyond(deployOrder({ image: 'i' }), 'Acme', [])
})

test('the other kind of code is refused with what to give instead', () => {
  assert.equal(imageOf(deployOrder({ image: 'i' }), 'Acme'), 'i')
  assert.equal(folderOf(deployOrder({ folder: '/f' }), 'Acme'), '/f')
  assert.throws(() => imageOf(deployOrder({ folder: '/f' }), 'Acme'), {
    kind: 'unsupported',
    message: /^Acme runs container images, not folders/,
  })
  assert.throws(() => folderOf(deployOrder({ image: 'i' }), 'Acme'), {
    kind: 'unsupported',
    message: /^Acme runs folders of code, not images/,
  })
})
