import type { Command } from '@synnefo/lib/commands'
import { astakosImport } from './astakos-import.ts'
import { authpolicyAdd } from './authpolicy-add.ts'
import { authpolicyList } from './authpolicy-list.ts'
import { authpolicyRemove } from './authpolicy-remove.ts'
import { authpolicySet } from './authpolicy-set.ts'
import { authpolicyShow } from './authpolicy-show.ts'
import { cleanupFull } from './cleanup-full.ts'
import { commissionList } from './commission-list.ts'
import { commissionResolve } from './commission-resolve.ts'
import { commissionShow } from './commission-show.ts'
import { componentAdd } from './component-add.ts'
import { componentList } from './component-list.ts'
import { componentModify } from './component-modify.ts'
import { componentRegister } from './component-register.ts'
import { componentRemove } from './component-remove.ts'
import { componentShow } from './component-show.ts'
import { createsuperuser } from './createsuperuser.ts'
import type { IdentityCommandContext } from './define.ts'
import { fixSuperusersCommand } from './fix-superusers.ts'
import { groupAdd } from './group-add.ts'
import { groupList } from './group-list.ts'
import { oauth2ClientAdd } from './oauth2-client-add.ts'
import { oauth2ClientList } from './oauth2-client-list.ts'
import { oauth2ClientRemove } from './oauth2-client-remove.ts'
import { projectControl } from './project-control.ts'
import { projectList } from './project-list.ts'
import { projectModify } from './project-modify.ts'
import { projectShow } from './project-show.ts'
import { quotaList } from './quota-list.ts'
import { quota, quotaVerify } from './quota-verify.ts'
import { reconcileResourcesAstakos } from './reconcile-resources-astakos.ts'
import { resourceList } from './resource-list.ts'
import { resourceModify } from './resource-modify.ts'
import { serviceExport } from './service-export.ts'
import { serviceExportAstakos } from './service-export-astakos.ts'
import { serviceImport } from './service-import.ts'
import { serviceList } from './service-list.ts'
import { serviceShow } from './service-show.ts'
import { sessionList } from './session-list.ts'
import { sessionRemove } from './session-remove.ts'
import { statsAstakos } from './stats-astakos.ts'
import { termAdd } from './term-add.ts'
import { tokenAdd } from './token-add.ts'
import { userActivationSend } from './user-activation-send.ts'
import { userAdd } from './user-add.ts'
import { userList } from './user-list.ts'
import { userModify } from './user-modify.ts'
import { userShow } from './user-show.ts'

export type { IdentityCommandContext } from './define.ts'

export const identityCommands: readonly Command<IdentityCommandContext>[] = [
  userAdd,
  astakosImport,
  userList,
  userShow,
  userModify,
  sessionList,
  sessionRemove,
  authpolicyAdd,
  authpolicyList,
  authpolicyShow,
  authpolicyRemove,
  authpolicySet,
  userActivationSend,
  groupAdd,
  groupList,
  termAdd,
  tokenAdd,
  resourceList,
  resourceModify,
  statsAstakos,
  fixSuperusersCommand,
  cleanupFull,
  createsuperuser,
  serviceExport,
  componentRegister,
  componentAdd,
  componentModify,
  componentRemove,
  componentShow,
  serviceExportAstakos,
  serviceImport,
  serviceShow,
  componentList,
  serviceList,
  projectList,
  projectShow,
  projectControl,
  projectModify,
  quotaList,
  quotaVerify,
  quota,
  reconcileResourcesAstakos,
  commissionList,
  commissionShow,
  commissionResolve,
  oauth2ClientAdd,
  oauth2ClientList,
  oauth2ClientRemove,
]
