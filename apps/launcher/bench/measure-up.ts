// How soon a cloud serves, how soon the first guest asks for a login, and what the cloud takes when nobody asks anything.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openCompute } from '@synnefo/clients/compute'
import type { Connection } from '@synnefo/clients/http'
import { openImages } from '@synnefo/clients/image'
import { findOrBuildImage } from '../demo.ts'
import { untilInterrupted } from './interruption.ts'
import { type TemporaryCloud, withTemporaryCloud } from './temporary-cloud.ts'

export interface Figure {
  name: string
  value: number
  unit: string
  goal?: number
  /** The goal is a lower bound; otherwise it is an upper one. */
  atLeast?: boolean
  /** What else was measured with it, by heading. */
  columns?: Record<string, number | string>
}

const SETTLE_MS = 15_000
const LOGIN_PATIENCE_MS = 300_000

export async function measureUp(tell: (line: string) => void): Promise<Figure[]> {
  tell('starting an empty cloud')
  const empty = await withTemporaryCloud(async (cloud) => {
    const serving = await seconds(() => cloud.synnefo('up', '--port', '0'))
    tell(`serving; looking at its memory in ${SETTLE_MS / 1000} s`)
    await delay(SETTLE_MS)
    return { serving, ...idle(await cloud.status()) }
  })
  const images = await mkdtemp(join(tmpdir(), 'synnefo-bench-images-'))
  try {
    await untilInterrupted(() => findOrBuildImage(images, tell))
    tell('starting a cloud with the mini image, and a server')
    const login = await withTemporaryCloud((cloud) => seconds(() => firstLogin(cloud)), images)
    return [
      { name: 'from up to serving', value: empty.serving, unit: 's', goal: 10 },
      { name: 'from up --demo to the first guest’s login prompt', value: login, unit: 's', goal: 60 },
      { name: 'idle memory (PSS) with PostgreSQL', value: empty.mebibytes, unit: 'MiB', goal: 400 },
      { name: 'processes beside database sessions', value: empty.processes, unit: '', goal: 12 },
    ]
  } finally {
    await rm(images, { recursive: true, force: true })
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return Math.round((performance.now() - startedMs) / 10) / 100
}

function idle({ processes }: Awaited<ReturnType<TemporaryCloud['status']>>) {
  const bytes = processes.reduce((sum, { pssBytes }) => sum + (pssBytes ?? 0), 0)
  return {
    mebibytes: Math.round((bytes / 2 ** 20) * 10) / 10,
    processes: processes.filter(({ name }) => name !== 'database session').length,
  }
}

async function firstLogin(cloud: TemporaryCloud): Promise<void> {
  await cloud.synnefo('up', '--port', '0', '--demo')
  const { connection } = await cloud.signIn()
  const compute = openCompute(connection)
  const [image] = await openImages(connection).listImages()
  const { id } = await compute.createServer({ name: 'first', flavorRef: 1, imageRef: image!.id })
  const deadline = performance.now() + LOGIN_PATIENCE_MS
  for (;;) {
    const { status } = await compute.showServer(id)
    if (status === 'ERROR') throw new Error(`the server could not be made: ${JSON.stringify(await compute.listDiagnostics(id))}`)
    if (status === 'ACTIVE') break
    if (performance.now() > deadline) throw new Error('the server is still being built')
    await delay(100)
  }
  await untilLoginPrompt(connection, id, deadline)
}

/** Reads the serial console until it asks for a login. */
async function untilLoginPrompt(connection: Connection, id: number, deadline: number): Promise<void> {
  const { url } = await openCompute(connection).openConsole(id, 'serial')
  const socket = new WebSocket(new URL(url!, connection.url('/').replace(/^http/, 'ws')))
  socket.binaryType = 'arraybuffer'
  let said = ''
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`no login prompt; the console said:\n${said}`)),
        deadline - performance.now(),
      )
      const done = (act: () => void) => {
        clearTimeout(late)
        act()
      }
      socket.onmessage = ({ data }) => {
        said += Buffer.from(data as ArrayBuffer).toString()
        if (/login: *$/.test(said)) done(resolve)
      }
      socket.onclose = () => done(() => reject(new Error(`the console ended; it said:\n${said}`)))
    })
  } finally {
    socket.onclose = null
    socket.close()
  }
}
