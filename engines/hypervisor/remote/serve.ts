// The serving end: any hypervisor, on any HTTP server. Who may connect is a matter of the socket's rights.
import type { IncomingMessage } from 'node:http'
import { type Duplex, pipeline } from 'node:stream'
import type { App, Plugin } from '@synnefo/lib/http'
import type { ConsoleKind, Hypervisor } from '../interface.ts'
import { decodeSpec } from '../spec-json.ts'
import {
  CONSOLE_PROTOCOL,
  CreateBody,
  encodeError,
  encodeFacts,
  InstancePath,
  IntentBody,
  MAX_BODY_BYTES,
  PREFIX,
  RebootBody,
  readConsolePath,
  StopBody,
  statusOf,
} from './wire.ts'

/** Changes that come at once are told once. */
const GATHER_MS = 20

/** Adds the routes of a hypervisor. Open streams end when the server closes; the hypervisor stays open. */
export function serveHypervisor(app: App, hypervisor: Hypervisor): void {
  const streams = new Set<Duplex>()
  const keep = (stream: Duplex) => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  }
  app.register(routes, { prefix: PREFIX, hypervisor, keep })
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = readConsolePath(request.url ?? '')
    if (asked === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    keep(socket)
    socket.on('error', () => socket.destroy())
    void joinConsole(hypervisor, asked.name, asked.kind as ConsoleKind, socket, head)
  })
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.destroy()
  })
}

interface Options extends Record<string, unknown> {
  hypervisor: Hypervisor
  keep(stream: Duplex): void
}

const routes: Plugin<Options> = async (app, { hypervisor, keep }) => {
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error)
    if (status === 500) request.log.error({ error }, 'the hypervisor failed')
    const { name } = request.params as { name?: string }
    return reply.code(status).send(encodeError(error, name))
  })

  app.get('/can', () => hypervisor.can())
  app.get('/capacity', () => hypervisor.capacity())
  app.get('/instances', async () => encodeFacts(await hypervisor.list()))
  app.post('/instances', { bodyLimit: MAX_BODY_BYTES, schema: { body: CreateBody } }, async ({ body }, reply) => {
    await hypervisor.create(decodeSpec(body.spec), body.intent)
    return reply.code(202).send()
  })
  app.post('/instances/:name/start', { schema: { params: InstancePath, body: IntentBody } }, async ({ params, body }, reply) => {
    await hypervisor.start(params.name, body.intent)
    return reply.code(202).send()
  })
  app.post('/instances/:name/stop', { schema: { params: InstancePath, body: StopBody } }, async ({ params, body }, reply) => {
    await hypervisor.stop(params.name, body.graceSeconds, body.intent)
    return reply.code(202).send()
  })
  app.post('/instances/:name/reboot', { schema: { params: InstancePath, body: RebootBody } }, async ({ params, body }, reply) => {
    await hypervisor.reboot(params.name, { hard: body.hard }, body.intent)
    return reply.code(202).send()
  })
  app.post('/instances/:name/remove', { schema: { params: InstancePath, body: IntentBody } }, async ({ params, body }, reply) => {
    await hypervisor.remove(params.name, body.intent)
    return reply.code(202).send()
  })
  app.get('/instances/:name/screenshot', { schema: { params: InstancePath } }, async ({ params }, reply) => {
    const picture = await hypervisor.screenshot(params.name)
    return reply
      .serializer((body: unknown) => body as string)
      .type('image/png')
      .send(picture)
  })

  /** A line for every change, for as long as the other end listens; the first one says that we listen. */
  app.get('/changes', (_request, reply) => {
    reply.hijack()
    const { raw } = reply
    keep(raw.socket!)
    let due: NodeJS.Timeout | undefined
    const tell = () => {
      due = undefined
      if (!raw.writableNeedDrain) raw.write('\n') // who has not read the last one yet will look anyway
    }
    const stop = hypervisor.watch(() => {
      due ??= setTimeout(tell, GATHER_MS)
    })
    raw.once('close', () => {
      stop()
      clearTimeout(due)
    })
    raw.writeHead(200, { 'Content-Type': 'text/plain' })
    tell()
  })
}

async function joinConsole(hypervisor: Hypervisor, name: string, kind: ConsoleKind, socket: Duplex, head: Buffer): Promise<void> {
  let console: Duplex
  try {
    if (!(await hypervisor.can()).consoles.includes(kind)) throw new Error(`there is no console of kind ${kind}`)
    console = await hypervisor.openConsole(name, kind)
  } catch (error) {
    const body = JSON.stringify(encodeError(error, name))
    const start = `HTTP/1.1 ${statusOf(error)} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n`
    return void socket.end(`${start}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${CONSOLE_PROTOCOL}\r\n\r\n`)
  if (head.length > 0) console.write(head)
  const over = () => {
    socket.destroy()
    console.destroy()
  }
  pipeline(console, socket, over)
  pipeline(socket, console, over)
}
