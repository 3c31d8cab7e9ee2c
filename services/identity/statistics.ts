// How many people there are and what is used: for staff in detail, for everybody in brief.
import type { Identity } from './identity.ts'
import { type Remembered, remember } from './registry/remembered.ts'
import {
  countPeople,
  countPeopleByModule,
  type PeopleCounts,
  type ResourceSums,
  sumHoldingsByModule,
  sumProjectHoldings,
} from './store/statistics.ts'

export interface ResourceStatistics {
  used: bigint
  allocated: bigint
  unit: 'bytes' | null
  description: string
}

export interface Statistics {
  datetime: string
  /** Ways to sign in, as they are offered. */
  providers: readonly string[]
  users: Record<string, PeopleCounts & { exclusive?: number }>
  resources: Record<string, Record<string, ResourceStatistics>>
}

const NOBODY = { total: 0, verified: 0, active: 0, exclusive: 0 }

export async function statistics({ db, settings, resources: registered }: Identity): Promise<Statistics> {
  const providers = settings.ASTAKOS_IM_MODULES
  const [all, byModule] = [await countPeople(db), await countPeopleByModule(db)]
  const [whole, ofModules, resources] = [await sumProjectHoldings(db), await sumHoldingsByModule(db), await registered.get()]
  const describe = (sums: readonly ResourceSums[]) =>
    Object.fromEntries(
      resources.map(({ name, unit, description }) => {
        const found = sums.find(({ resource }) => resource === name)
        const statistics = { used: BigInt(found?.used ?? 0), allocated: BigInt(found?.allocated ?? 0), unit, description }
        return [name, statistics]
      }),
    )
  const people = (provider: string) => {
    const { module: _, ...counts } = byModule.find(({ module }) => module === provider) ?? { module: provider, ...NOBODY }
    return [provider, counts] as const
  }
  const held = (provider: string) => [provider, describe(ofModules.filter(({ module }) => module === provider))] as const
  return {
    datetime: asDatetime(new Date()),
    providers,
    users: { all, ...Object.fromEntries(providers.map(people)) },
    resources: { all: describe(whole), ...Object.fromEntries(providers.map(held)) },
  }
}

/** Everybody may ask, so it is counted once in a while only. */
const BRIEF_MS = 10_000

export const rememberPeople = ({ db }: Identity): Remembered<PeopleCounts> => remember(BRIEF_MS, () => countPeople(db))

/** As C writes dates, in UTC: `Thu May  8 13:44:44 2014`. */
function asDatetime(date: Date): string {
  const [, day, number, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString())!
  return `${day} ${month} ${String(Number(number)).padStart(2)} ${time} ${year}`
}
