import type { Command } from '@synnefo/lib/commands'
import { componentList } from './component-list.ts'
import type { IdentityCommandContext } from './define.ts'
import { resourceList } from './resource-list.ts'
import { resourceModify } from './resource-modify.ts'
import { serviceList } from './service-list.ts'
import { tokenAdd } from './token-add.ts'
import { userAdd } from './user-add.ts'
import { userList } from './user-list.ts'
import { userModify } from './user-modify.ts'
import { userShow } from './user-show.ts'

export type { IdentityCommandContext } from './define.ts'

export const identityCommands: readonly Command<IdentityCommandContext>[] = [
  userAdd,
  userList,
  userShow,
  userModify,
  tokenAdd,
  resourceList,
  resourceModify,
  componentList,
  serviceList,
]
