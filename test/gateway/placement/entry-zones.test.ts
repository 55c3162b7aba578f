import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EntryZones } from '../../../gateway/placement/entry-zones.ts'

function entryZones(zone: string | null, backends: (string | null)[], ...pairs: [string, string][]) {
  const distances = pairs.map((between) => ({ between, distance: 1 }))
  return new EntryZones(
    { zone, distances, explain: [] },
    backends.map((place) => ({ zone: place })),
  )
}

const zones = entryZones('eu-west/a', ['eu-west/a', 'us-east/b', null], ['eu-north', 'eu-west/c'])

test('calls can come in wherever the configuration has something, and in the regions of that', () => {
  assert.deepEqual(zones.all.toSorted(), [
    'eu-north',
    'eu-west',
    'eu-west/a',
    'eu-west/c',
    'us-east',
    'us-east/b',
  ])
})

test('a known place is itself, another zone of a known region is the region', () => {
  for (const zone of zones.all) assert.equal(zones.resolve(zone), zone)
  assert.equal(zones.resolve('eu-west/z'), 'eu-west')
  assert.equal(zones.resolve('eu-north/a'), 'eu-north')
})

test('what is unknown or no zone means nothing', () => {
  for (const text of ['', 'ap-south', 'ap-south/a', 'EU-WEST', 'eu-west/', 'eu-west/A', 'eu-west/a/b', '\0'])
    assert.equal(zones.resolve(text), null, JSON.stringify(text))
  assert.equal(entryZones(null, [null]).resolve('eu-west'), null)
})
