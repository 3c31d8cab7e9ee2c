// For tests: a real RabbitMQ on this machine, Debian's, as a child of the test with a folder, ports and a name service
// of its own; and a door in front of it that can be shut.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from '@synnefo/lib/free-port'
import { temporaryFolder } from '@synnefo/lib/testing'
import { connect as connectAmqp } from 'amqplib'

type Finished = (work: () => void | Promise<void>) => void

/** Past the script that changes the user and minds the system's own broker. */
const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server'

export interface TestRabbitmq {
  url: string
}

export async function openTestRabbitmq(finished: Finished): Promise<TestRabbitmq> {
  const folder = await temporaryFolder(finished)
  const [port, distributionPort, namesPort] = [await findFreePort(), await findFreePort(), await findFreePort()]
  const env = {
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    HOME: folder, // where Erlang keeps its cookie
    ERL_EPMD_PORT: String(namesPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_GENERATED_CONFIG_DIR: folder,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
    RABBITMQ_CONF_ENV_FILE: `${folder}/none`,
    RABBITMQ_CONFIG_FILE: `${folder}/none`,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${folder}/none`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +S 1:1',
  }
  // Started first and in the foreground, so that Erlang does not leave one behind.
  const names = spawn('epmd', ['-port', String(namesPort), '-address', '127.0.0.1'], { env, stdio: 'ignore' })
  finished(() => end(names))
  while (!(await isListening(namesPort))) await delay(20)
  const broker = spawn(RABBITMQ, [], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let said = ''
  for (const stream of [broker.stdout, broker.stderr]) stream.on('data', (chunk) => (said += String(chunk)))
  finished(() => end(broker, 'group'))
  const url = `amqp://guest:guest@127.0.0.1:${port}`
  for (;;) {
    if (broker.exitCode !== null) throw new Error(`RabbitMQ did not start:\n${said}`)
    try {
      await (await connectAmqp(url)).close()
      return { url }
    } catch {
      await delay(100)
    }
  }
}

/** The broker is a script with Erlang below it: both are in a process group of their own. */
async function end(child: ChildProcess, whole?: 'group'): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(whole ? -child.pid : child.pid, 'SIGKILL')
  await ended
}

export interface Door {
  /** Of what is behind it. */
  url: string
  /** While it is shut, connections are cut as soon as they are made, and those there are now too. */
  setOpen(isOpen: boolean): void
}

export async function openDoor(finished: Finished, url: string): Promise<Door> {
  const { port, hostname } = new URL(url)
  const passing = new Set<Socket>()
  let isOpen = true
  const door: Server = createServer((visitor) => {
    if (!isOpen) return visitor.destroy()
    const inside = connect(Number(port), hostname)
    visitor.pipe(inside).pipe(visitor)
    for (const side of [visitor, inside]) {
      passing.add(side)
      side.on('error', () => side.destroy())
      side.on('close', () => {
        passing.delete(side)
        for (const each of [visitor, inside]) each.destroy()
      })
    }
  })
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening))
  finished(
    () =>
      new Promise<void>((closed) => {
        door.close(() => closed())
        for (const side of passing) side.destroy()
      }),
  )
  const address = new URL(url)
  address.port = String((door.address() as AddressInfo).port)
  return {
    url: address.href,
    setOpen(open) {
      isOpen = open
      if (!open) for (const side of passing) side.destroy()
    },
  }
}

function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((answer) => {
    socket.on('connect', () => answer(true)).on('error', () => answer(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}
