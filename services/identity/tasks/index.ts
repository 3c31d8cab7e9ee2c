import type { Mailer } from '@synnefo/engine-mail'
import type { Task } from '@synnefo/lib/tasks'
import type { Identity } from '../identity.ts'
import { cleanUp } from './clean-up.ts'
import { expireProjects } from './expire-projects.ts'
import { sendMails } from './send-mails.ts'
import { trimProvisionLog } from './trim-provision-log.ts'

export const identityTasks: readonly Task<{ identity: Identity; mailer: Mailer }>[] = [
  sendMails,
  cleanUp,
  expireProjects,
  trimProvisionLog,
]
