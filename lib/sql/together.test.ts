import { expect, test } from 'vitest'
import { openTogether } from './together.ts'

test('what arrives while a group is under way is the next group', async () => {
  const groups: (readonly number[])[] = []
  const gates: (() => void)[] = []
  const wait = openTogether<number, number>({
    patienceMillis: 3_600_000,
    work: async (items) => {
      groups.push(items)
      await new Promise<void>((resolve) => gates.push(resolve))
      return items.map((value) => ({ status: 'fulfilled', value }))
    },
  })
  const first = wait(1)
  await expect.poll(() => gates.length).toBe(1)
  const others = [wait(2), wait(3)]
  gates[0]!()
  expect(await first).toBe(1)
  await expect.poll(() => gates.length).toBe(2)
  gates[1]!()
  expect(await Promise.all(others)).toEqual([2, 3])
  expect(groups).toEqual([[1], [2, 3]])
})

test('a group that is stuck does not hold up the next one, and others follow each other again when it is done', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let underWay = 0
  let most = 0
  const wait = openTogether<string, string>({
    patienceMillis: 1,
    atOnce: 2,
    work: async ([item]) => {
      underWay += 1
      most = Math.max(most, underWay)
      if (item === 'stuck') await held
      underWay -= 1
      return [{ status: 'fulfilled', value: item! }]
    },
    atMost: 1,
  })
  const stuck = wait('stuck')
  expect(await Promise.all(['a', 'b', 'c'].map(wait))).toEqual(['a', 'b', 'c'])
  expect(most).toBe(2)
  release()
  expect(await stuck).toBe('stuck')
})

test('nobody is told before it is true, and the next group does not wait for that', async () => {
  const truths: { come: () => void; fail: (reason: Error) => void }[] = []
  const wait = openTogether<number, number>({
    patienceMillis: 3_600_000,
    work: async (items, tellAfter) => {
      tellAfter(new Promise<void>((come, fail) => truths.push({ come, fail })))
      return items.map((value) => ({ status: 'fulfilled', value }))
    },
  })
  const told: unknown[] = []
  const tell = (n: number) =>
    wait(n).then(
      (value) => told.push(value),
      (error: Error) => told.push(error.message),
    )
  const first = tell(1)
  await expect.poll(() => truths.length).toBe(1)
  const second = tell(2)
  await expect.poll(() => truths.length).toBe(2)
  expect(told).toEqual([])
  truths[1]!.come()
  await second
  expect(told).toEqual([2])
  truths[0]!.fail(new Error('lost'))
  await first
  expect(told).toEqual([2, 'lost'])
})

test('groups whose truth is long in coming do not pile up', async () => {
  const truths: (() => void)[] = []
  const wait = openTogether<number, number>({
    atOnce: 3,
    atMost: 1,
    work: async (items, tellAfter) => {
      tellAfter(new Promise<void>((come) => truths.push(come)))
      return items.map((value) => ({ status: 'fulfilled', value }))
    },
  })
  const told = Promise.all(Array.from({ length: 5 }, (_, n) => wait(n)))
  await expect.poll(() => truths.length).toBe(3)
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  expect(truths).toHaveLength(3)
  for (let come = 0; come < 5; come += 1) {
    await expect.poll(() => truths.length).toBeGreaterThan(come)
    truths[come]!()
  }
  expect(await told).toEqual([0, 1, 2, 3, 4])
})
