// A cloud for measurements: a home of its own, a free port, removed afterwards.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect } from '@synnefo/clients/http'
import { localUrl } from '../address.ts'
import { readPlan } from '../cloud-plan.ts'
import { accountOf, operatorToken } from '../demo.ts'
import { checkout } from '../host/checkout.ts'
import { findHome, type Home } from '../host/folders.ts'
import { captureProgram } from '../host/run-program.ts'
import type { Status } from '../verbs/status.ts'
import { undisturbed, untilInterrupted } from './interruption.ts'

export interface TemporaryCloud {
  home: Home
  synnefo(...words: string[]): Promise<string>
  status(): Promise<Status>
  /** As its first administrator. */
  signIn(): Promise<{ url: string; token: string; account: string; connection: Connection }>
  /** Another person, who may begin at once. */
  addPerson(email: string): Promise<{ url: string; token: string; account: string }>
}

/** Runs `work` on a cloud that was not started yet. `images` is a folder of built starter images. */
export async function withTemporaryCloud<T>(work: (cloud: TemporaryCloud) => Promise<T>, images?: string): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-bench-'))
  const home = findHome({ ...process.env, SYNNEFO_HOME: join(folder, 'home') })
  const env = { ...process.env, SYNNEFO_HOME: home.folder }
  const run = (words: readonly string[], signal?: AbortSignal) =>
    captureProgram([join(checkout, 'synnefo'), ...words], { env, ...(signal ? { signal } : {}) })
  try {
    if (images) {
      await mkdir(home.folder, { recursive: true })
      await cp(images, join(home.folder, 'images'), { recursive: true })
    }
    return await untilInterrupted(({ signal }) => work(cloudAt(home, (...words) => run(words, signal))))
  } finally {
    await undisturbed(async () => {
      await run(['down', '--servers']).catch((error) => console.error(String(error)))
      await rm(folder, { recursive: true, force: true })
    })
  }
}

function cloudAt(home: Home, synnefo: TemporaryCloud['synnefo']): TemporaryCloud {
  return {
    home,
    synnefo,
    status: async () => JSON.parse(await synnefo('status', '--json')) as Status,
    async signIn() {
      const plan = readPlan(home)!
      const token = await operatorToken(home, plan)
      const url = localUrl(plan.address)
      return { url, token, account: await accountOf(plan, token), connection: connect({ baseUrl: url, token }) }
    },
    async addPerson(email) {
      const plan = readPlan(home)!
      await synnefo('manage', 'user-add', email, 'Bench', 'Person')
      await synnefo('manage', 'user-modify', email, '--verify')
      const token = await synnefo('manage', 'token-add', email, '--name', 'bench')
      return { url: localUrl(plan.address), token, account: await accountOf(plan, token) }
    },
  }
}
