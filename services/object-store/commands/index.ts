import type { Command } from '@synnefo/lib/commands'
import type { ObjectStoreCommandContext } from './define.ts'
import { pithosFsck } from './pithos-fsck.ts'
import { pithosGc } from './pithos-gc.ts'

export type { ObjectStoreCommandContext } from './define.ts'

export const objectStoreCommands: readonly Command<ObjectStoreCommandContext>[] = [pithosGc, pithosFsck]
