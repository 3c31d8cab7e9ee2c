// What the measured cloud and whoever makes the load agree on.

export const SERVICE_TOKEN = 'bench-service-token'
export const BENCH_PASSWORD = 'measure twice, cut once'

export const tokenOf = (person: number) => `bench-token-${person}`
export const uuidOf = (person: number) => `bench-person-${person}`
export const emailOf = (person: number) => `bench-${person}@example.test`
/** The members of the project in which everything happens. */
export const BUSY_PROJECT = { uuid: 'bench-project-1', members: 100 }
