// Every command of snf-manage, under the component that help lists it with.
import { computeCommands } from '@synnefo/compute/commands'
import { identityCommands } from '@synnefo/identity/commands'
import type { Command } from '@synnefo/lib/commands'
import { objectStoreCommands } from '@synnefo/object-store/commands'
import { cloudCommands, type ManageContext } from './commands/index.ts'

const inGroup = (group: string, commands: readonly Command<ManageContext>[]) => commands.map((command) => ({ ...command, group }))

export const commands: readonly Command<ManageContext>[] = [
  ...inGroup('Cloud:', cloudCommands),
  ...inGroup('Identity:', identityCommands),
  ...inGroup('Object store:', objectStoreCommands),
  ...inGroup('Compute:', computeCommands),
]
