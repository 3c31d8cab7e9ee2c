import { type Caller, shownToken } from '@synnefo/identity'
import { Fault } from '@synnefo/lib/fault'
import { type App, idInPath, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { handOver } from '../../consoles/hand-over.ts'
import { rebootServer, startServer, stopServer } from '../../servers/power.ts'
import { IdPath } from './shapes.ts'

const Body = Type.Record(Type.String(), Type.Unknown())

type Args = Record<string, unknown>
type Answer = { code: 200 | 202; body?: unknown }
type ServerAction = (compute: Compute, caller: Caller, id: bigint, args: Args, token: string) => Promise<Answer>

const accepted = { code: 202 } as const

const start: ServerAction = async (compute, caller, id) => {
  await startServer(compute, caller, id)
  return accepted
}
const stop: ServerAction = async (compute, caller, id) => {
  await stopServer(compute, caller, id)
  return accepted
}
const reboot: ServerAction = async (compute, caller, id, { type = 'SOFT' }) => {
  if (type !== 'SOFT' && type !== 'HARD')
    throw new Fault('badRequest', `Field 'reboot.type' must be SOFT or HARD, not ${JSON.stringify(type)}.`)
  await rebootServer(compute, caller, id, { hard: type === 'HARD' })
  return accepted
}
const console: ServerAction = async (compute, caller, id, { type }, token) => ({
  code: 200,
  body: { console: await handOver(compute, { caller, token }, id, type) },
})

const unsupported =
  (what: string): ServerAction =>
  async () => {
    throw new Fault('notImplemented', `${what} is not supported.`)
  }

/** By the key in the body that names them (§4). */
const ACTIONS: Record<string, ServerAction> = {
  start,
  'os-start': start,
  shutdown: stop,
  'os-stop': stop,
  reboot,
  console,
  suspend: async () => {
    throw new Fault('forbidden', 'Only administrators may suspend servers.')
  },
  'os-getSPICEConsole': unsupported('A SPICE console'),
  'os-getRDPConsole': unsupported('An RDP console'),
  changePassword: unsupported('Changing the password of a server'),
  rebuild: unsupported('Rebuilding a server'),
  confirmResize: unsupported('Confirming a resize'),
  revertResize: unsupported('Reverting a resize'),
  createImage: unsupported('Making an image of a server'),
}

/** POST /servers/:id/action. The key of the body that is an action names it; others are further arguments. */
export async function serverActions(app: App, { compute }: { compute: Compute }): Promise<void> {
  app.post('/servers/:id/action', { schema: { params: IdPath, body: Body } }, async (request, reply) => {
    const { caller, params, body } = request
    const name = Object.keys(body).find((key) => Object.hasOwn(ACTIONS, key))
    if (name === undefined) throw new Fault('badRequest', `The body must name one action: ${Object.keys(ACTIONS).join(', ')}.`)
    const { [name]: args, ...others } = body
    const answer = await ACTIONS[name]!(
      compute,
      caller,
      idInPath(params.id),
      { ...others, ...readArgs(name, args) },
      shownToken(request) ?? '',
    )
    return reply.code(answer.code).send(answer.body)
  })
}

function readArgs(name: string, args: unknown): Args {
  if (args === null || args === undefined) return {}
  if (typeof args !== 'object' || Array.isArray(args))
    throw new Fault('badRequest', `Field '${name}' of the body must be an object.`)
  return args as Args
}
