import { expect, test } from 'vitest'
import type { Db, Tx } from './database.ts'
import { openGroupCommit } from './group-commit.ts'

/** Counts transactions instead of running them; `fails` says which groups fail as a whole. */
function openFake(fails: (items: readonly number[]) => unknown = () => undefined) {
  const groups: (readonly number[])[] = []
  const db: Pick<Db, 'transactionBeforeFlush'> = {
    transactionBeforeFlush: async (work) => ({ result: await work({} as Tx), durable: Promise.resolve() }),
  }
  const double = openGroupCommit<number, number>({
    db,
    atMost: 4,
    work: async (_tx, items) => {
      groups.push(items)
      const failure = fails(items)
      if (failure) throw failure
      return items.map((item) =>
        item < 0 ? { status: 'rejected', reason: new Error(`${item}`) } : { status: 'fulfilled', value: 2 * item },
      )
    },
  })
  return { groups, double }
}

test('what comes together is one transaction, of a bounded size, and each item has an answer of its own', async () => {
  const { groups, double } = openFake()
  const answers = await Promise.allSettled([1, 2, -3, 4, 5, 6].map(double))
  expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : String(answer.reason)))).toEqual([
    2,
    4,
    'Error: -3',
    8,
    10,
    12,
  ])
  expect(groups).toEqual([
    [1, 2, -3, 4],
    [5, 6],
  ])
})

test('an item that makes its group fail fails alone', async () => {
  const { groups, double } = openFake((items) => (items.includes(13) ? new Error('unlucky') : undefined))
  const answers = await Promise.allSettled([1, 13, 2].map(double))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(groups).toEqual([[1, 13, 2], [1], [13], [2]])
})

test('a database that is gone is asked once, not once for each', async () => {
  const gone = Object.assign(new Error('gone'), { code: '57P01' })
  const { groups, double } = openFake(() => gone)
  const answers = await Promise.allSettled([1, 2].map(double))
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(groups).toEqual([[1, 2]])
})
