// pithos-migrate: the versions of the object store's schema, in the words of the original. Here the cloud brings its whole
// database up to date whenever a process of it starts, so most of these only tell what is so.
import { argument, type Command, option, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { type KnownMigration, listMigrations } from '@synnefo/lib/sql'
import { migrations } from '@synnefo/object-store'
import { importCommand } from '@synnefo/object-store/commands'
import { defineCommand, type ManageContext } from './define.ts'

const config = option('accepted from older guides and refused: the database is that of the cloud', {
  short: 'c',
  placeholder: 'file',
})
const common = { config }

function refuseConfig(file: string | undefined): void {
  if (file !== undefined)
    throw new Fault('badRequest', 'The database is that of the cloud: name another one by SYNNEFO_DATABASE_URL when it starts')
}

const nameOf = ({ name }: KnownMigration) => name.replace(/\.sql$/, '')
/** Numbers, names and beginnings of names are understood. */
const isCalled = (migration: KnownMigration, word: string) => word !== '' && nameOf(migration).startsWith(word)

async function chain({ db }: ManageContext, file: string | undefined): Promise<KnownMigration[]> {
  refuseConfig(file)
  return listMigrations(db, migrations)
}

const shown = (migration: KnownMigration, all: readonly KnownMigration[]) =>
  migration === all.at(-1) ? `${nameOf(migration)} (head)` : nameOf(migration)

function tellApplied({ migrated, terminal }: ManageContext & { terminal: Terminal }): void {
  for (const name of migrated.filter((each) => each.startsWith('object-store/'))) terminal.error(`Applied ${name}`)
  terminal.error('The database is up to date.')
}

const current = defineCommand({
  name: 'current',
  summary: 'Show the revision that the database is at',
  input: common,
  async run({ terminal, ...context }, { config: file }) {
    const all = await chain(context, file)
    const applied = all.filter(({ appliedAt }) => appliedAt !== undefined).at(-1)
    if (applied) terminal.line(shown(applied, all))
  },
})

const history = defineCommand({
  name: 'history',
  summary: 'List all revisions, the latest first',
  input: common,
  async run({ terminal, ...context }, { config: file }) {
    const all = await chain(context, file)
    for (const migration of all.toReversed()) terminal.line(shown(migration, all))
  },
})

const heads = defineCommand({
  name: 'heads',
  summary: 'Show the latest revision',
  input: common,
  async run({ terminal, ...context }, { config: file }) {
    const all = await chain(context, file)
    terminal.line(shown(all.at(-1)!, all))
  },
})

const initdb = defineCommand({
  name: 'initdb',
  summary: 'Make the tables in an empty database',
  description: 'The cloud does so by itself when it starts. Running it again changes nothing.',
  input: common,
  async run(context, { config: file }) {
    refuseConfig(file)
    tellApplied(context)
  },
})

const upgrade = defineCommand({
  name: 'upgrade',
  summary: 'Apply migrations',
  description: 'To `head`, a revision or +n. All migrations are applied together when the cloud, or this program, starts.',
  input: { revision: argument('head, a revision, or +n'), ...common },
  async run(context, { revision, config: file }) {
    const all = await chain(context, file)
    if (revision !== 'head' && !/^\+\d+$/.test(revision)) findRevision(all, revision)
    tellApplied(context)
  },
})

const stamp = defineCommand({
  name: 'stamp',
  summary: 'Mark the database as current without changing it',
  description: 'Which migrations a database has is on record in it, so there is nothing to mark.',
  input: { revision: argument('head'), ...common },
  async run({ terminal, ...context }, { revision, config: file }) {
    const all = await chain(context, file)
    const wanted = revision === 'head' ? all.at(-1)! : findRevision(all, revision)
    if (wanted !== all.at(-1))
      throw new Fault('conflict', `The database has the migrations up to ${nameOf(all.at(-1)!)}: it cannot be marked as older`)
    terminal.error(`The database is at ${shown(wanted, all)}.`)
  },
})

const downgrade = defineCommand({
  name: 'downgrade',
  summary: 'Refused: migrations go forward only',
  description: 'To go back, restore a backup of the database that was made before the upgrade.',
  input: { revision: argument('a revision, or -n'), ...common },
  async run() {
    throw new Fault('notImplemented', 'Migrations go forward only: restore a backup of the database made before the upgrade')
  },
})

function findRevision(all: readonly KnownMigration[], word: string): KnownMigration {
  const found = all.filter((migration) => isCalled(migration, word))
  if (found.length !== 1) throw new Fault('itemNotFound', `There is no revision '${word}': history lists them`)
  return found[0]!
}

export const migrateCommands: readonly Command<ManageContext>[] = [
  initdb,
  stamp,
  upgrade,
  downgrade,
  current,
  history,
  heads,
  importCommand('import'),
]
