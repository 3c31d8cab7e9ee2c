import { expect, test } from 'vitest'
import { usageOf } from './usage.ts'

const holding = { limit: 10n, usage: 4n, pending: 0n, project_limit: 100n, project_usage: 4n, project_pending: 0n }
const none = 2n ** 63n - 1n

test('one’s own limit counts while the project has room', () => {
  expect(usageOf(holding)).toEqual({ used: 4n, limit: 10n, left: 6n, share: 0.4 })
})

test('what others of the project took is not left', () => {
  expect(usageOf({ ...holding, project_usage: 98n })).toMatchObject({ limit: 6n, left: 2n })
})

test('more used than allowed leaves nothing', () => {
  expect(usageOf({ ...holding, limit: 2n })).toMatchObject({ left: 0n, share: 2 })
  expect(usageOf({ ...holding, limit: 0n })).toMatchObject({ left: 0n, share: 1 })
})

test('without a limit there is no share', () => {
  expect(usageOf({ ...holding, limit: none, project_limit: none })).toEqual({
    used: 4n,
    limit: none,
    left: none,
    share: undefined,
  })
})
