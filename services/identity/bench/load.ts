// A process of its own that makes one kind of load for some seconds and prints what it saw as JSON: so that it shares
// no event loop with what is measured.
import { randomInt } from 'node:crypto'
import { type LoadConnection, openLoadConnection } from './connection.ts'
import { BENCH_PASSWORD, BUSY_PROJECT, emailOf, SERVICE_TOKEN, tokenOf, uuidOf } from './names.ts'

export type LoadKind = 'validate' | 'password' | 'spread' | 'project' | 'sign-in'

export interface LoadOrder {
  kind: LoadKind
  origin: string
  people: number
  atOnce: number
  seconds: number
}

export interface LoadResult {
  /** What was done, all of it answered as it should be. */
  done: number
  failed: number
  seconds: number
  /** Milliseconds of one, which may be several requests. */
  p50: number
  p99: number
  /** The first answer that was not as it should be. */
  failure?: string
}

const JSON_TYPE = { 'Content-Type': 'application/json' }
const TOKENS = '/astakos/identity/v2.0/tokens'
const COMMISSIONS = '/astakos/account/v1.0/commissions'

type Round = (connection: LoadConnection, person: number) => Promise<void>

async function post(connection: LoadConnection, path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await connection.ask({ method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) })
  if (answer.status >= 300) throw new Error(`${path} was answered ${answer.status}: ${answer.body.slice(0, 300)}`)
  return answer.body
}

const asService = { 'X-Auth-Token': SERVICE_TOKEN }

/** Issues and accepts a commission: a virtual machine for somebody, in a project. */
async function commission(connection: LoadConnection, user: string, project: string): Promise<void> {
  const resource = 'cyclades.vm'
  const provisions = [
    { holder: `user:${user}`, source: `project:${project}`, resource, quantity: 1 },
    { holder: `project:${project}`, source: null, resource, quantity: 1 },
  ]
  const { serial } = JSON.parse(await post(connection, COMMISSIONS, { provisions, name: 'bench' }, asService)) as {
    serial: number
  }
  await post(connection, `${COMMISSIONS}/${serial}/action`, { accept: '' }, asService)
}

const ROUNDS: Record<LoadKind, Round> = {
  validate: async (connection, person) => void (await post(connection, TOKENS, { auth: { token: { id: tokenOf(person) } } })),
  password: async (connection, person) => {
    await post(connection, TOKENS, { auth: { passwordCredentials: { username: uuidOf(person), password: tokenOf(person) } } })
  },
  spread: (connection, person) => commission(connection, uuidOf(person), uuidOf(person)),
  project: (connection, person) => commission(connection, uuidOf(person), BUSY_PROJECT.uuid),
  'sign-in': async (connection, person) => {
    await post(connection, '/astakos/ui/api/login', { email: emailOf(person), password: BENCH_PASSWORD })
  },
}

async function run({ kind, origin, people, atOnce, seconds }: LoadOrder): Promise<LoadResult> {
  const millis: number[] = []
  let failed = 0
  let failure: string | undefined
  const round = ROUNDS[kind]
  const connections = await Promise.all(Array.from({ length: atOnce }, () => openLoadConnection(origin)))
  const population = kind === 'project' ? Math.min(people, BUSY_PROJECT.members) : people
  const startedMs = performance.now()
  const untilMs = startedMs + seconds * 1000
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < untilMs) {
        const beganMs = performance.now()
        try {
          await round(connection, randomInt(1, population + 1))
          millis.push(performance.now() - beganMs)
        } catch (error) {
          failed += 1
          failure ??= String(error)
          if (failed > 100) return
        }
      }
    }),
  )
  const took = (performance.now() - startedMs) / 1000
  for (const connection of connections) connection.close()
  millis.sort((a, b) => a - b)
  const quantile = (share: number) => millis[Math.min(millis.length - 1, Math.floor(millis.length * share))] ?? 0
  return {
    done: millis.length,
    failed,
    seconds: took,
    p50: quantile(0.5),
    p99: quantile(0.99),
    ...(failure === undefined ? {} : { failure }),
  }
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2]!) as LoadOrder)))
