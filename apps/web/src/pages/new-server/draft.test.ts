import type { Flavor } from '@synnefo/clients/compute'
import type { Quotas } from '@synnefo/clients/identity'
import type { Image } from '@synnefo/clients/image'
import { expect, test } from 'vitest'
import { customisation, requestOf, type ServerDraft, sizeRefusal, suggestName } from './draft.ts'

const GIB = 2n ** 30n
const flavor = { id: 3, vcpus: 2, ram: 2048, disk: 20, 'SNF:allow_create': true } as Flavor
const image = {
  id: 'an-image',
  name: 'Debian 12',
  size: 3 * 2 ** 30,
  properties: { os: 'debian', users: 'root' } as Record<string, string>,
} as Image

function quotas(left: { vm?: bigint; cpu?: bigint; ram?: bigint; disk?: bigint }): Quotas {
  const holding = (limit: bigint) => ({
    limit,
    usage: 0n,
    pending: 0n,
    project_limit: limit,
    project_usage: 0n,
    project_pending: 0n,
  })
  const { vm = 1n, cpu = 2n, ram = 2n * GIB, disk = 20n * GIB } = left
  return {
    mine: {
      'cyclades.vm': holding(vm),
      'cyclades.cpu': holding(cpu),
      'cyclades.ram': holding(ram),
      'cyclades.disk': holding(disk),
    },
  }
}

test('a size that just fits can be chosen', () => {
  expect(sizeRefusal(flavor, image, quotas({}), 'mine')).toBeUndefined()
})

test.each<[string, Parameters<typeof quotas>[0], RegExp]>([
  ['servers', { vm: 0n }, /no more servers/],
  ['CPUs', { cpu: 1n }, /1 CPU left/],
  ['memory', { ram: GIB }, /1 GiB of memory left/],
  ['disk', { disk: GIB }, /1 GiB of disk left/],
])('a size beyond the quota of %s is refused with what is left', (_, left, reason) => {
  expect(sizeRefusal(flavor, image, quotas(left), 'mine')).toMatch(reason)
})

test('a disk smaller than the image, or a size that is no longer offered, is refused', () => {
  expect(sizeRefusal({ ...flavor, disk: 2 }, image, quotas({}), 'mine')).toMatch(/needs 3 GiB/)
  expect(sizeRefusal({ ...flavor, 'SNF:allow_create': false }, image, quotas({}), 'mine')).toMatch(/No longer/)
})

test('a name is suggested that nobody has', () => {
  expect(suggestName(image, [])).toBe('debian-12-1')
  expect(suggestName(image, ['debian-12-1', 'debian-12-2'])).toBe('debian-12-3')
  expect(suggestName({ ...image, name: '···' }, [])).toBe('server-1')
})

test('what an image excludes cannot be customised, however its properties are spelt', () => {
  const withProperties = (properties: Record<string, string>) => customisation({ ...image, properties })
  expect(withProperties({})).toEqual({ password: true, keys: true })
  expect(withProperties({ EXCLUDE_ALL_TASKS: 'yes' })).toEqual({ password: false, keys: false })
  expect(withProperties({ exclude_task_changepassword: '1' })).toEqual({ password: false, keys: true })
  expect(withProperties({ osfamily: 'windows' })).toEqual({ password: true, keys: false })
})

test('the request says networks only where the default is not wanted', () => {
  const draft: ServerDraft = { image, flavor, network: 'default', privateNetworks: [], keys: ['laptop'], name: ' web ' }
  expect(requestOf(draft)).toEqual({
    name: 'web',
    imageRef: 'an-image',
    flavorRef: 3,
    metadata: { OS: 'debian', users: 'root' },
    'SNF:key_names': ['laptop'],
  })
  expect(requestOf({ ...draft, keys: [], network: 'none' })).toMatchObject({ networks: [] })
  expect(requestOf({ ...draft, network: 'private', privateNetworks: ['7'] })).toMatchObject({ networks: [{ uuid: '7' }] })
})
