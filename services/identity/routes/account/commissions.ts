// Commissions over HTTP, for components that keep their own books. A commission belongs to the component that issued it.
import { Fault } from '@synnefo/lib/fault'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../../identity.ts'
import { INFINITE } from '../../quota/arithmetic.ts'
import { describeCommission, type Provision, pendingCommissions } from '../../quota/commissions.ts'
import { asDict, asInteger, type Dict, isDict, isoDate, jsonBody, type Serve } from '../dialect.ts'
import { component } from '../who-asks.ts'

const bad = (message: string) => new Fault('badRequest', message)

export function commissionRoutes(serve: Serve, identity: Identity): void {
  const { db, ledger } = identity
  const asking = component(identity)
  const nameOf = (request: FastifyRequest) => asking.of(request).name

  serve(
    '/v1.0/commissions',
    {
      GET: async (request) => pendingCommissions(db, nameOf(request)),
      POST: async (request, reply) => {
        const commission = readCommission(asDict(jsonBody(request)))
        const serial = await ledger.issue({ ...commission, component: nameOf(request) })
        reply.code(201)
        return { serial }
      },
    },
    asking,
  )

  serve(
    '/v1.0/commissions/action',
    { POST: async (request) => resolveMany(identity, nameOf(request), asDict(jsonBody(request))) },
    asking,
  )

  serve(
    '/v1.0/commissions/:serial',
    {
      GET: async (request, reply) => {
        const serial = serialIn(request)
        const commission = serial === undefined ? undefined : await describeCommission(db, serial, nameOf(request))
        if (!commission) return void reply.code(404)
        const { name, issuedAt, provisions } = commission
        return { serial, name, issue_time: isoDate(issuedAt), provisions }
      },
    },
    asking,
  )

  serve(
    '/v1.0/commissions/:serial/action',
    {
      POST: async (request, reply) => {
        const body = asDict(jsonBody(request))
        if ('accept' in body === 'reject' in body) throw bad('Specify either accept or reject action.')
        const serial = serialIn(request)
        if (serial === undefined) return void reply.code(404)
        const step = 'accept' in body ? 'accept' : 'reject'
        const { unknown } = await ledger.resolve({ [step]: [serial], component: nameOf(request) })
        return void reply.code(unknown.length === 0 ? 200 : 404)
      },
    },
    asking,
  )
}

function serialIn({ params }: FastifyRequest): bigint | undefined {
  return serialOf((params as { serial: string }).serial)
}

/** A serial, as a number or (from the command line) as its digits. Beyond 64 bits there are none. */
function serialOf(value: unknown): bigint | undefined {
  const serial = typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : asInteger(value)
  return serial !== undefined && serial >= 0n && serial <= INFINITE ? serial : undefined
}

function readCommission(body: Dict) {
  const { provisions, force = false, auto_accept: autoAccept = false, name } = body
  if (provisions === undefined) throw bad('Provisions are missing.')
  if (!Array.isArray(provisions)) throw bad('Provisions should be a list.')
  if (typeof force !== 'boolean') throw bad('"force" option should be a boolean.')
  if (typeof autoAccept !== 'boolean') throw bad('"auto_accept" option should be a boolean.')
  if (name !== undefined && name !== null && typeof name !== 'string') throw bad('Commission name should be a string.')
  if (typeof name === 'string' && name.includes('\0')) throw bad('Commission name should not contain NUL.')
  return { provisions: provisions.map(readProvision), force, autoAccept, name: name ?? '' }
}

function readProvision(item: unknown): Provision {
  if (isDict(item)) {
    const { holder, source, resource } = item
    const quantity = asInteger(item['quantity'])
    const named = isName(holder) && isName(resource) && (source === null || isName(source))
    if (named && quantity !== undefined) return { holder, source, resource, quantity } as Provision
  }
  throw bad(`Malformed provision ${JSON.stringify(item, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`)
}

const isName = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')

/** Resolves what can be resolved, in one transaction, and tells what could not. */
async function resolveMany({ ledger }: Identity, component: string, body: Dict) {
  const { accept = [], reject = [] } = body
  if (!Array.isArray(accept) || !Array.isArray(reject)) throw bad('"accept" and "reject" should reference lists of serials.')
  const resolution = { accept: serials(accept), reject: serials(reject), component }
  const { accepted, rejected, contradictory, unknown } = await ledger.resolve(resolution)
  const failed = [
    ...contradictory.map((serial) => [serial, badRequest(`cannot both accept and reject serial ${serial}`)]),
    ...unknown.map((serial) => [serial, { itemNotFound: { code: 404, message: `serial ${serial} does not exist` } }]),
  ]
  return { accepted, rejected, failed }
}

const badRequest = (message: string) => ({ badRequest: { code: 400, message } })

function serials(list: unknown[]): bigint[] {
  return list.map((item) => {
    const serial = serialOf(item)
    if (serial === undefined) throw bad('Serials should be integer.')
    return serial
  })
}
