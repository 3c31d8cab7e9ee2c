import type { Command } from '@synnefo/lib/commands'
import type { ObjectStoreCommandContext } from './define.ts'
import { fileShow } from './file-show.ts'
import { pithosFsck } from './pithos-fsck.ts'
import { pithosGc } from './pithos-gc.ts'
import { pithosImport } from './pithos-import.ts'
import { pithosUsage } from './pithos-usage.ts'
import { queueConsume } from './queue-consume.ts'
import { reconcileCommissionsPithos } from './reconcile-commissions-pithos.ts'
import { reconcileResourcesPithos } from './reconcile-resources-pithos.ts'
import { serviceExportPithos } from './service-export-pithos.ts'

export type { ObjectStoreCommandContext } from './define.ts'
export { accountCommands } from './manage-accounts.ts'
export { importCommand } from './pithos-import.ts'

export const objectStoreCommands: readonly Command<ObjectStoreCommandContext>[] = [
  fileShow,
  pithosFsck,
  pithosGc,
  pithosImport,
  pithosUsage,
  queueConsume,
  reconcileCommissionsPithos,
  reconcileResourcesPithos,
  serviceExportPithos,
]
