// What PostgreSQL's error codes mean to us (appendix A of its manual).

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The statement broke a unique index, of that name when one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint
}

/** The statement refers to a row that is not there, by the constraint of that name. */
export function isForeignKeyViolation(error: unknown, constraint: string): boolean {
  return codeOf(error) === '23503' && (error as { constraint?: string }).constraint === constraint
}

/** Thrown by the work of a transaction that began on something that is not so any more: it is rolled back and run again. */
export class RunAgain extends Error {}

/** Two transactions got in each other's way; running this one again is right. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof RunAgain) return true
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

const CONNECTION_CODES = ['57P01', '57P02', '57P03', '53300', 'ECONNRESET', 'EPIPE']
const CONNECT_CODES = ['ECONNREFUSED', 'ENOENT', 'ETIMEDOUT']

/** The database cannot be reached, is starting or stopping, or does not answer: nothing is wrong with the request. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  if (code !== undefined && (code.startsWith('08') || CONNECTION_CODES.includes(code))) return true
  if (code !== undefined && CONNECT_CODES.includes(code) && (error as { syscall?: string }).syscall === 'connect') return true
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/.test(
    error.message,
  )
}

/** It came from the operating system, on the way to the database: nobody knows how far the work got. */
export function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number'
}

/** A statement before it failed; this one was not even looked at. */
export function isAfterFailure(error: unknown): boolean {
  return codeOf(error) === '25P02'
}

/** What was to be written is not what the database holds: out of range, or against a rule of the table. */
export function isUnstorable(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error) ?? '')
}

/** A text holds what no text of the database can: the character NUL. */
export function isUnstorableText(error: unknown): boolean {
  const code = codeOf(error)
  return code === '22021' || code === '22P05'
}

/** A text is longer than an index can hold: some 2700 bytes, after compression. */
export function isTooLongForIndex(error: unknown): boolean {
  return codeOf(error) === '54000' && /index row/.test((error as Error).message)
}

export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error)
  return code === '53100' || code === 'ENOSPC'
}
