// What became of a sign-in that led elsewhere, told on the page that comes after it.
import type { LoginOutcome } from '@synnefo/clients/logins'
import { queryOptions } from '@tanstack/react-query'
import { logins } from '../cloud/connection.ts'
import { queryClient } from '../cloud/queries.ts'

/** Asked for where the address says that there is something to tell. */
export const outcomeQuery = queryOptions({
  queryKey: ['login-outcome'],
  queryFn: logins.takeOutcome,
  staleTime: Infinity,
  gcTime: 60_000,
})

export function sayOutcome(outcome: LoginOutcome | null) {
  queryClient.setQueryData(outcomeQuery.queryKey, outcome)
}
