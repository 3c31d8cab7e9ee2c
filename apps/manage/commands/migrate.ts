import { argument, flag, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { defineCommand, type ManageContext } from './define.ts'

/** As guides for older releases call the parts of the schema. All are brought up to date together. */
const APPS = [
  'im',
  'quotaholder_app',
  'oa2',
  'userdata',
  'db',
  'helpdesk',
  'admin',
  'auth',
  'sessions',
  'contenttypes',
  'sites',
  'south',
]

const input = {
  app: { ...argument('part of the schema; all are brought up to date together'), optional: true },
  all: flag('accepted from older guides'),
  migrate: flag('accepted from older guides'),
  fake: flag('accepted from older guides'),
  noinput: flag('accepted from older guides', { aliases: ['no-input'] }),
  noInitialData: flag('accepted from older guides'),
}

const description = 'The cloud does so by itself when it starts. Running it again changes nothing.'

async function tellMigrated(
  { migrated, terminal }: ManageContext & { terminal: Terminal },
  { app }: { app: string | undefined },
) {
  if (app !== undefined && !APPS.includes(app))
    throw new Fault('badRequest', `There is no app '${app}': one of ${APPS.join(', ')}`)
  for (const name of migrated) terminal.error(`Applied ${name}`)
  terminal.error('The database is up to date.')
}

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Bring the database up to date',
  description,
  input,
  run: tellMigrated,
})

export const syncdb = defineCommand({ name: 'syncdb', summary: 'The same as migrate', description, input, run: tellMigrated })
