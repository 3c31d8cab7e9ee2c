// Programs of their own names beside snf-manage, each with its commands.
import type { Command } from '@synnefo/lib/commands'
import { accountCommands } from '@synnefo/object-store/commands'
import type { ManageContext } from './commands/index.ts'
import { migrateCommands } from './commands/pithos-migrate.ts'

export const programs: ReadonlyMap<string, readonly Command<ManageContext>[]> = new Map([
  ['pithos-manage-accounts', accountCommands],
  ['pithos-migrate', migrateCommands],
])
