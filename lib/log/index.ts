import { type DestinationStream, type Logger, pino } from 'pino'

export { withoutSecrets } from './secrets.ts'

export type Log = Logger

const SECRETS = ['password', 'adminPass', 'token', 'secret', 'x-auth-token', 'authorization', 'cookie', 'set-cookie', 'user_data']

/**
 * A structured log of one process, JSON lines on standard output unless `stream` says otherwise. Fields that carry
 * secrets are censored wherever they stand in a logged object.
 */
export function openLog(options: { name: string; level?: string; stream?: DestinationStream }): Log {
  const { name, level = process.env['SYNNEFO_LOG_LEVEL'] ?? 'info', stream } = options
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause, err: pino.stdSerializers.errWithCause },
      redact: {
        paths: SECRETS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
        censor: '[secret]',
      },
    },
    ...(stream ? [stream] : []),
  )
}

/** A log that writes nothing, for tests and for callers that do not care. */
export const silentLog: Log = pino({ level: 'silent' })
