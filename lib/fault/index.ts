// The one error that reaches clients. It is thrown where the reason is known, worded for the user; each API
// dialect renders it at its own edge. Anything else that is thrown is a bug, answered without a word about the inside.

/** Every kind of fault, named as in the OpenStack compute API, with its HTTP status code. */
export const FAULT_CODES = {
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  itemNotFound: 404,
  badMethod: 405,
  notAcceptable: 406,
  conflict: 409,
  buildInProgress: 409,
  gone: 410,
  lengthRequired: 411,
  preconditionFailed: 412,
  overLimit: 413,
  entityTooLarge: 413,
  unsupportedMediaType: 415,
  rangeNotSatisfiable: 416,
  unprocessableEntity: 422,
  tooManyRequests: 429,
  internalServerError: 500,
  notImplemented: 501,
  serviceUnavailable: 503,
  insufficientStorage: 507,
} as const

export type FaultKind = keyof typeof FAULT_CODES

export interface FaultOptions {
  /** More for the client, beside the message. */
  details?: string
  /** Machine-readable facts that some dialects answer, such as the numbers of a quota refusal. */
  data?: Readonly<Record<string, unknown>>
  /** Headers that belong to the answer, such as Retry-After. */
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

export class Fault extends Error {
  readonly kind: FaultKind
  readonly code: number
  readonly details: string
  readonly data: Readonly<Record<string, unknown>> | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.kind = kind
    this.code = FAULT_CODES[kind]
    this.details = options.details ?? ''
    this.data = options.data
    this.headers = options.headers ?? {}
  }
}

/** The kind that stands for an HTTP status; the nearest general one for codes that no kind has. */
export function faultKindOf(code: number): FaultKind {
  const kinds = Object.keys(FAULT_CODES) as FaultKind[]
  return kinds.find((kind) => FAULT_CODES[kind] === code) ?? (code >= 400 && code < 500 ? 'badRequest' : 'internalServerError')
}
