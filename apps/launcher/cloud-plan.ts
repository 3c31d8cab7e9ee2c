// Which programs make up a cloud, and with what they are started.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { writeJson } from '@synnefo/lib/json'
import type { PreparedPostgres } from '@synnefo/lib/postgres'
import { type Address, baseUrlOf } from './address.ts'
import { checkout, programCommand, programCommandAs, programVersion } from './host/checkout.ts'
import { type Home, makeFolder, temporaryFolder } from './host/folders.ts'
import { asUser, type SystemUser, type SystemUsers } from './host/system-users.ts'
import type { View } from './host/view.ts'
import type { GivenSettings } from './settings.ts'
import { type Plan, type Program, readJson } from './supervisor/plan.ts'

/** What the supervisor is told, and what other commands want to know about the cloud that runs. */
export interface CloudPlan extends Plan {
  address: Address
  databaseUrl: string
  /** Of the embedded database; undefined when a server of one's own is used. */
  databaseFolder?: string
  nodeSocket: string
  /** Runs a command of the operator; its words follow. */
  manage: Pick<Program, 'command' | 'environment'>
}

export interface PlanInput {
  home: Home
  runFolder: string
  users: SystemUsers | undefined
  /** Of the system users. */
  view: View
  address: Address
  /** undefined when `databaseUrl` leads to a server that is not ours. */
  postgres: PreparedPostgres | undefined
  databaseUrl: string
  webFolder: string
  /** File with the key of blocks; undefined: they are not encrypted. */
  blockKey: string | undefined
  settings: GivenSettings
}

/** A later one wins. */
export const settingsFolders = (home: Home) => ['/etc/synnefo', home.settings]

/** Texts of mails in place of ours; a later one wins. */
const templateFolders = (home: Home) => ['/etc/synnefo/templates', home.templates]

export const planFile = (home: Home) => join(home.state, 'plan.json')

/** As the last `up` made it; undefined before the first one. */
export const readPlan = (home: Home) => readJson<CloudPlan>(planFile(home))

export function planCloud(input: PlanInput): CloudPlan {
  const { home, runFolder, users, view, address, postgres, databaseUrl, webFolder, blockKey, settings } = input
  const nodeFolder = join(runFolder, 'node')
  makeFolder(nodeFolder, users ? { uid: 0, gid: users.cloud.gid, mode: 0o711 } : {})
  const nodeSocket = join(nodeFolder, 'hypervisor.sock')
  const asCloud = (script: string, words: readonly string[]) =>
    users ? programCommandAs(users.cloud, view, { script, words }) : programCommand({ script, words })
  const services = [
    ...settingsFolders(home).flatMap((folder) => ['--settings', view.of(folder)]),
    ...templateFolders(home).flatMap((folder) => ['--templates', view.of(folder)]),
    ...flags({
      'base-url': baseUrlOf(address),
      'node-socket': nodeSocket,
      blocks: view.of(home.blocks),
      secrets: view.of(home.secrets),
    }),
  ]
  const cloudEnvironment = {
    ...environment(home, runFolder),
    ...settings.environment,
    NODE_COMPILE_CACHE: view.of(compileCache(home, 'cloud', users?.cloud)),
    SYNNEFO_DATABASE_URL: databaseUrl,
  }
  const programs: Program[] = [
    ...(postgres ? [databaseProgram(postgres, users, view)] : []),
    {
      name: 'node',
      command: programCommand({
        script: 'apps/node/main.ts',
        words: flags({
          socket: nodeSocket,
          'socket-gid': users && String(users.cloud.gid),
          'machine-user': users && `${users.machines.uid}:${users.machines.gid}`,
          blocks: home.blocks,
          'block-key': blockKey,
          volumes: home.volumes,
          machines: home.machines,
          networks: home.networks,
          downloads: home.downloads,
          run: nodeFolder,
        }),
      }),
      environment: { ...environment(home, runFolder), NODE_COMPILE_CACHE: compileCache(home, 'node') },
      stopSignal: 'SIGTERM',
      stopSeconds: 20,
    },
    {
      name: 'cloud',
      command: asCloud('apps/cloud/main.ts', [
        ...services,
        ...flags({
          listen: address.listen,
          port: String(address.port),
          mail: view.of(home.mail),
          web: view.of(webFolder),
        }),
      ]),
      environment: cloudEnvironment,
      stopSignal: 'SIGTERM',
      stopSeconds: 20,
    },
  ]
  const plan = {
    programs,
    logFolder: home.logs,
    stateFile: join(home.state, 'processes.json'),
    lockFile: join(home.state, 'supervisor.lock'),
    address,
    databaseUrl,
    databaseFolder: postgres && join(home.database, 'data'),
    nodeSocket,
    manage: {
      command: asCloud('apps/manage/main.ts', [...services, ...flags({ logs: view.of(home.logs) }), '--']),
      environment: cloudEnvironment,
    },
  }
  const version = createHash('sha256')
    .update(writeJson([plan, checkout, programVersion(), settings.values]))
    .digest('hex')
    .slice(0, 16)
  return { version, ...plan }
}

function databaseProgram({ command, args, env }: PreparedPostgres, users: SystemUsers | undefined, view: View): Program {
  const words = [command, ...args]
  return {
    name: 'database',
    command: users ? view.enter(asUser(users.database, words)) : words,
    environment: env,
    stopSignal: 'SIGINT', // ends sessions and leaves the data in good order
    stopSeconds: 60,
  }
}

/** What Node.js compiled, one folder for each user: nobody runs what another one could have written. */
function compileCache(home: Home, program: string, user?: SystemUser): string {
  const folder = join(home.cache, program)
  makeFolder(folder, user ? { ...user, mode: 0o700 } : {})
  return folder
}

function flags(values: Record<string, string | undefined>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
}

/** What SYNNEFO_ variables of the environment of `up` say reaches all programs, its settings the cloud; nothing else of it does. */
function environment(home: Home, runFolder: string): Record<string, string> {
  const settings = Object.entries(process.env).filter(([name]) => name.startsWith('SYNNEFO_'))
  return {
    ...(Object.fromEntries(settings) as Record<string, string>),
    SYNNEFO_HOME: home.folder,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home.folder,
    TMPDIR: temporaryFolder(runFolder),
    LC_ALL: 'C.UTF-8',
    NODE_ENV: 'production',
  }
}
