import { type Mailer, openFiles, openSmtp } from '@synnefo/engine-mail'
import type { IdentitySettings } from '../settings/index.ts'

/** The mail server of the settings; without one, mails are kept as files in the folder. */
export async function openMailer(settings: IdentitySettings, folder: string): Promise<Mailer> {
  const {
    EMAIL_HOST: host,
    EMAIL_PORT: port,
    EMAIL_HOST_USER: user,
    EMAIL_HOST_PASSWORD: password,
    EMAIL_USE_TLS: tls,
  } = settings
  return host === '' ? openFiles(folder) : openSmtp({ host, port, tls, ...(user === '' ? {} : { user, password }) })
}
