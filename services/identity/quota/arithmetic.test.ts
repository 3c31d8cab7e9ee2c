import fc from 'fast-check'
import { expect, test } from 'vitest'
import { change, INFINITE, shortage } from './arithmetic.ts'

test('an import that fits is counted at once at the top and at acceptance at the bottom', () => {
  expect(shortage({ limit: 3n, usageMin: 1n, usageMax: 2n }, 1n, false)).toBeUndefined()
  expect(change('issue', 1n)).toEqual({ min: 0n, max: 1n })
  expect(change('accept', 1n)).toEqual({ min: 1n, max: 0n })
  expect(change('reject', 1n)).toEqual({ min: 0n, max: -1n })
})

test('an import beyond the limit tells the limit and the usage', () => {
  expect(shortage({ limit: 3n, usageMin: 1n, usageMax: 3n }, 1n, false)).toEqual({
    name: 'NoCapacityError',
    limit: 3n,
    usage: 3n,
  })
  expect(shortage({ limit: 3n, usageMin: 1n, usageMax: 3n }, 1n, true)).toBeUndefined()
})

test('a release below what is surely there is refused, forced or not', () => {
  for (const force of [false, true]) {
    expect(shortage({ limit: 3n, usageMin: 1n, usageMax: 3n }, -2n, force)).toEqual({
      name: 'NoQuantityError',
      limit: 0n,
      usage: 1n,
    })
  }
})

test('nothing is always possible, also beyond the limit', () => {
  expect(shortage({ limit: 0n, usageMin: 5n, usageMax: 5n }, 0n, false)).toBeUndefined()
})

test('not even force counts beyond the largest number', () => {
  expect(shortage({ limit: INFINITE, usageMin: 0n, usageMax: INFINITE }, 1n, true)?.name).toBe('NoCapacityError')
})

test('whatever becomes of an issued provision, usage stays a range above zero and ends where it should', () => {
  const amount = fc.bigInt({ min: 0n, max: 1_000n })
  fc.assert(
    fc.property(
      amount,
      amount,
      amount,
      fc.bigInt({ min: -1_000n, max: 1_000n }),
      fc.boolean(),
      (limit, low, pending, quantity, force) => {
        const before = { limit, usageMin: low, usageMax: low + pending }
        if (shortage(before, quantity, force)) return
        const steps = ['accept', 'reject'] as const
        for (const outcome of steps) {
          const issued = change('issue', quantity)
          const resolved = change(outcome, quantity)
          expect(before.usageMin + issued.min).toBeGreaterThanOrEqual(0n)
          expect(before.usageMin + issued.min).toBeLessThanOrEqual(before.usageMax + issued.max)
          const moved = outcome === 'accept' ? quantity : 0n
          expect(issued.min + resolved.min).toBe(moved)
          expect(issued.max + resolved.max).toBe(moved)
        }
      },
    ),
  )
})
