import { type Mailer, openConsole, openFiles, openSimulated, openSmtp } from '@synnefo/engine-mail'
import type { IdentitySettings } from '../settings/index.ts'

/** The mail server of the settings, or what else they say; by default mails are kept as files in the folder. */
export async function openMailer(settings: IdentitySettings, folder: string): Promise<Mailer> {
  const { EMAIL_HOST: host, EMAIL_PORT: port, EMAIL_HOST_USER: user, EMAIL_HOST_PASSWORD: password } = settings
  switch (settings.EMAIL_BACKEND || (host === '' ? 'file' : 'smtp')) {
    case 'smtp':
      return openSmtp({
        host: host || '127.0.0.1',
        port,
        tls: settings.EMAIL_USE_TLS,
        ...(user === '' ? {} : { user, password }),
      })
    case 'console':
      return openConsole(process.stdout)
    case 'memory':
      return openSimulated()
    default:
      return openFiles(settings.EMAIL_FILE_PATH || folder)
  }
}
