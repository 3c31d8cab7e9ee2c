// `up`: makes what is missing, starts the supervisor, waits until everything answers. Every step looks at what is
// there first, so that it may be interrupted anywhere and run again, after an update, a reboot or a move.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitForLock } from '@synnefo/lib/file-lock'
import { type PostgresOptions, type PreparedPostgres, preparePostgres, untilPostgresServes } from '@synnefo/lib/postgres'
import { type Address, claimPort, rememberAddress, rememberedAddress, type Urls, urlsOf } from '../address.ts'
import { type CloudPlan, planCloud, planFile } from '../cloud-plan.ts'
import { offerDemoImage } from '../demo.ts'
import { firstAdministratorEmail, offerFirstAdministrator, takeFirstAdministrator } from '../first-administrator.ts'
import { unhealthy } from '../health.ts'
import { checkout, programCommand } from '../host/checkout.ts'
import { ensurePrograms, needs } from '../host/debian-packages.ts'
import { findHome, type Home, isRoot, makeHome, makeRunFolder } from '../host/folders.ts'
import { isRunning } from '../host/process-identity.ts'
import { executable } from '../host/process-memory.ts'
import { captureProgram } from '../host/run-program.ts'
import { makeSystemUsers, type SystemUser } from '../host/system-users.ts'
import { openView, plainView, type View } from '../host/view.ts'
import { startMachines } from '../machines.ts'
import type { Verb } from '../main.ts'
import { Refusal } from '../refusal.ts'
import { findRunning, stopRunning } from '../running.ts'
import { prepareBlockKey, readGivenSettings } from '../settings.ts'
import { openLogFile } from '../supervisor/log-files.ts'
import { readJson, type SupervisorState, writeJson } from '../supervisor/plan.ts'
import { buildWebPage } from '../web-page.ts'

const tell = (line: string) => console.error(`synnefo: ${line}`)

export const verb: Verb = {
  usage:
    '[--listen ADDRESS] [--port N]\n\n  --listen ADDRESS  IP address to answer on; 0.0.0.0 lets other computers in (at first: 127.0.0.1)\n  --port N          the one port, 0 picks a free one (at first: 8080)\n  --demo            register a small image that everybody can make servers from\n\nAddress and port are remembered.',
  options: { listen: { type: 'string' }, port: { type: 'string' }, demo: { type: 'boolean' } },
  async run({ listen, port, demo }) {
    if (demo) ensurePrograms(needs.image, tell)
    const { home, plan } = await startCloud({ listen: listen as string | undefined, port: toPort(port as string | undefined) })
    const image = demo ? await offerDemoImage(home, plan, tell) : undefined
    welcome(home, plan, image)
    return 0
  },
}

function toPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new Refusal(`--port ${text} is not a number from 0 to 65535`)
  return Number(text)
}

/** Answers when every process of the cloud answers its health check. */
export async function startCloud(wanted: Partial<Address>): Promise<{ home: Home; plan: CloudPlan }> {
  ensurePrograms(needs.up, tell)
  const home = findHome()
  const users = isRoot ? makeSystemUsers() : undefined
  makeHome(home, users)
  const lock = await waitForLock(join(home.state, 'up.lock'), () => tell('waiting for another `up` or `down`'))
  try {
    const settings = await readGivenSettings(home)
    const blockKey = await prepareBlockKey(home, settings, users?.cloud)
    const runFolder = makeRunFolder(home)
    const running = findRunning(home)
    const remembered = rememberedAddress(home)
    const address = { listen: wanted.listen ?? remembered.listen, port: wanted.port ?? remembered.port }
    const isOurs = running?.plan.address.port === address.port && running.plan.address.listen === address.listen
    if (!isOurs) address.port = await claimPort(address)
    rememberAddress(home, address)

    const external = process.env['SYNNEFO_DATABASE_URL']
    const view = users ? openView(runFolder, { program: checkout, home: home.folder }) : plainView()
    const [webFolder, postgres] = await Promise.all([
      buildWebPage(home, tell),
      external ? undefined : prepareDatabase(home, runFolder, users?.database, view),
    ])
    offerFirstAdministrator(home, users?.cloud)
    const databaseUrl = external ?? postgres!.url
    const plan = planCloud({ home, runFolder, users, view, address, postgres, databaseUrl, webFolder, blockKey, settings })

    if (running?.supervised && running.plan.version !== plan.version) {
      tell('stopping what runs, to start it anew as it should be now')
      await stopRunning(running)
    }
    if (!running?.supervised || running.plan.version !== plan.version) {
      writeJson(planFile(home), plan)
      startSupervisor(home, plan)
    }
    if (postgres) await untilServing(plan, (signal) => untilPostgresServes(postgres, { signal }))
    await untilServing(plan, (signal) => untilHealthy(plan, signal))
    await startMachines(home, plan)
    return { home, plan }
  } finally {
    lock.release()
  }
}

async function prepareDatabase(
  home: Home,
  runFolder: string,
  user: SystemUser | undefined,
  view: View,
): Promise<PreparedPostgres> {
  forgetDeadServer(home)
  const options: PostgresOptions = {
    folder: view.of(home.database),
    socketFolder: join(runFolder, 'database'),
    ...(user ? { user: { uid: user.uid, gid: user.gid } } : {}),
  }
  if (view.isPlain) return preparePostgres(options)
  const program = programCommand({ script: 'apps/launcher/prepare-database.ts', words: [JSON.stringify(options)] })
  return JSON.parse(await captureProgram(view.enter(program))) as PreparedPostgres
}

/** PostgreSQL refuses to start while its pid file names a living process, which after a reboot may be anybody's. */
function forgetDeadServer(home: Home): void {
  const file = join(home.database, 'data/postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  if (!executable(pid)?.endsWith('/postgres')) rmSync(file)
}

/** A shell of less than a MiB starts it again when it is killed; 0 is a good end, and 3 says that another one runs. */
const GUARD = 'until "$@" || [ $? = 3 ]; do sleep 1; done'

function startSupervisor(home: Home, plan: CloudPlan): void {
  const log = openLogFile(join(plan.logFolder, 'supervisor.log'))
  const script = join(import.meta.dirname, '../supervisor/main.ts')
  const environment = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(home.cache, 'supervisor') }
  // A session of its own: it outlives this terminal and hears none of its signals.
  const child = spawn('/bin/sh', ['-c', GUARD, 'synnefo', process.execPath, script, planFile(home)], {
    cwd: '/',
    detached: true,
    env: environment,
    stdio: ['ignore', log, log],
  })
  child.unref()
  closeSync(log)
}

async function untilHealthy(plan: CloudPlan, signal: AbortSignal): Promise<void> {
  while (!stateOf(plan) || (await unhealthy(plan)).length > 0) await delay(50, undefined, { signal })
}

/** As the supervisor of this plan writes it down; undefined until it runs. */
function stateOf(plan: CloudPlan): SupervisorState | undefined {
  const state = readJson<SupervisorState>(plan.stateFile)
  return state?.version === plan.version && isRunning(state.supervisor) ? state : undefined
}

const PATIENCE_MS = 180_000
/** By then a program has ended four times within a few seconds. */
const RESTARTS_TAKEN_FOR_FAILURE = 3

/** How a program ends that can only be started again once somebody has changed something. */
const CONFIGURATION_ERROR = 'exit code 78'

/** Waits for `work`, unless a program keeps ending or nothing comes of it. */
async function untilServing(plan: CloudPlan, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([work(over.signal), untilHopeless(plan, over.signal)])
  } finally {
    over.abort()
  }
}

async function untilHopeless(plan: CloudPlan, signal: AbortSignal): Promise<never> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    await delay(200, undefined, { signal })
    const failing = stateOf(plan)?.programs.find(
      ({ restarts, lastEnd }) => restarts >= RESTARTS_TAKEN_FOR_FAILURE || lastEnd === CONFIGURATION_ERROR,
    )
    if (failing) {
      const what = failing.lastEnd === CONFIGURATION_ERROR ? 'cannot start' : `keeps ending (${failing.lastEnd})`
      const why = `${failing.name} ${what}:\n${lastLines(plan, failing.name)}`
      throw new Refusal(why, `see more with: ./synnefo logs ${failing.name}`)
    }
    if (performance.now() > deadline) {
      const silent = (await unhealthy(plan)).join(', ')
      throw new Refusal(`no answer from ${silent} after ${PATIENCE_MS / 1000} s`, 'see why with: ./synnefo logs')
    }
  }
}

function lastLines(plan: CloudPlan, name: string): string {
  const text = readFileSync(join(plan.logFolder, `${name}.log`), 'utf8')
  return text.trimEnd().split('\n').slice(-12).join('\n')
}

function welcome(home: Home, plan: CloudPlan, image: { id: string; name: string } | undefined): void {
  const urls = urlsOf(plan.address)
  console.log(`Synnefo is up.\n`)
  console.log(`  Web UI    ${urls.web}`)
  console.log(`  Identity  ${urls.identity}   (for OpenStack and kamaki clients)`)
  console.log(`  Home      ${home.folder}`)
  if (image) tellFirstServer(home, urls, image)
  const first = takeFirstAdministrator(home)
  if (!first) return
  console.log(`\nFirst administrator, shown only now:\n`)
  console.log(`  E-mail    ${first.email}`)
  console.log(`  Password  ${first.password}`)
  console.log(`\nSet another password at any time: ./synnefo manage user-modify ${first.email} --password NEW`)
}

function tellFirstServer(home: Home, urls: Urls, { id, name }: { id: string; name: string }): void {
  const token = `$(./synnefo manage token-add ${firstAdministratorEmail(home)} --expires-in 1)`
  const server = JSON.stringify({ server: { name: 'first', flavorRef: 1, imageRef: id } })
  const headers = `-H "X-Auth-Token: ${token}" -H 'Content-Type: application/json'`
  console.log(`\nThe image ${name} is there for everybody. The first server is made in the web UI, or by:\n`)
  console.log(`  curl ${headers} -d '${server}' ${urls.compute}/servers`)
}
