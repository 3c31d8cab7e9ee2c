import type { Mailer } from '@synnefo/engine-mail'
import type { Task } from '@synnefo/lib/tasks'
import { cleanUp } from './clean-up.ts'
import { sendMails } from './send-mails.ts'

export const identityTasks: readonly Task<{ mailer: Mailer }>[] = [sendMails, cleanUp]
