import { expect, test } from 'vitest'
import { groupFolderSyncs } from './folder-sync.ts'

test('callers that arrive while a sync runs share the next one', async () => {
  const begun: { folder: string; finish: () => void }[] = []
  const sync = groupFolderSyncs((folder) => new Promise((finish) => begun.push({ folder, finish })))
  const first = sync('a')
  const later = [sync('a'), sync('a'), sync('a')]
  sync('b')
  expect(begun.map(({ folder }) => folder)).toEqual(['a', 'b'])
  begun[0]!.finish()
  await first
  await expect.poll(() => begun.length).toBe(3)
  begun[2]!.finish()
  await Promise.all(later)
  expect(begun.length).toBe(3)
})

test('a sync that fails is told to those who waited for it and to nobody else', async () => {
  const outcomes = [() => Promise.reject(new Error('disk on fire')), () => Promise.resolve()]
  const sync = groupFolderSyncs(() => outcomes.shift()!())
  const [first, second] = [sync('a'), sync('a')]
  await expect(first).rejects.toThrow('disk on fire')
  await second
})
