// What all clients of our HTTP APIs share: where the cloud is, how the caller proves who they are, and how a refusal is read.
// Nothing here needs Node or a browser beyond `fetch`.

/** A refusal in the words of the API that refused: show `message` to the person who asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number
  /** Name of the fault, such as `itemNotFound` or `overLimit`. */
  readonly kind: string
  readonly details: string

  constructor(status: number, kind: string, message: string, details = '', options?: ErrorOptions) {
    super(message, options)
    this.status = status
    this.kind = kind
    this.details = details
  }
}

export type Query = Record<string, string | number | boolean | undefined>

export interface ApiRequest {
  query?: Query
  headers?: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: string | Blob | Uint8Array<ArrayBuffer>
  signal?: AbortSignal
  /** Statuses that are an answer and not a refusal, besides 2xx. */
  accept?: number[]
}

export interface Connection {
  /** The answer to a request; a refusal is thrown as `ApiError`. */
  send(method: string, path: string, request?: ApiRequest): Promise<Response>
  /** The JSON body of the answer. */
  json<T>(method: string, path: string, request?: ApiRequest): Promise<T>
  /** The address of a path, for links that the browser follows itself. */
  url(path: string, query?: Query): string
}

export interface ConnectionOptions {
  /** Where the cloud is, without a slash at the end; empty for the origin of the page. */
  baseUrl?: string
  /** API token. Left out in the browser, where the session cookie speaks. */
  token?: string
  fetch?: typeof fetch
}

export function connect({ baseUrl = '', token, fetch: send = fetch }: ConnectionOptions = {}): Connection {
  const url = (path: string, query: Query = {}) => {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
    const text = parameters.toString()
    return `${baseUrl}${path}${text === '' ? '' : `?${text}`}`
  }
  const connection: Connection = {
    url,
    async send(method, path, { query, headers = {}, json, body, signal, accept = [] } = {}) {
      const sent: Record<string, string> = { ...headers }
      if (token !== undefined) sent['X-Auth-Token'] = token
      if (json !== undefined) sent['Content-Type'] = 'application/json'
      const content = json === undefined ? body : writeJson(json)
      let answer: Response
      try {
        answer = await send(url(path, query), { method, headers: sent, body: content ?? null, signal: signal ?? null })
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw new ApiError(0, 'unreachable', 'The cloud does not answer', '', { cause: error })
      }
      if (answer.ok || accept.includes(answer.status)) return answer
      throw await refusal(answer)
    },
    async json<T>(method: string, path: string, request?: ApiRequest) {
      const answer = await connection.send(method, path, request)
      return readJson((await answer.text()) || 'null') as T
    },
  }
  return connection
}

/** Reads the fault body of any of our dialects: `{"<kind>": {"code", "message", "details"}}`. */
async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => '')
  try {
    const [kind, fault] = Object.entries(JSON.parse(text) as Record<string, { message?: string; details?: string }>)[0]!
    if (typeof fault.message === 'string') return new ApiError(answer.status, kind, fault.message, fault.details ?? '')
  } catch {
    // Not a fault body: an intermediary answered, so the status is all there is to tell.
  }
  return new ApiError(answer.status, 'fault', `The cloud answered ${answer.status} ${answer.statusText}`.trim())
}

/** Integers beyond 2^53 (limits may be 2^63 − 1) stay exact, as bigint, where the engine tells how a number was written. */
function readJson(text: string): unknown {
  return JSON.parse(text, ((_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value) as (key: string, value: unknown) => unknown)
}

function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? (rawJson(String(item)) ?? Number(item)) : item))
}

function rawJson(text: string): unknown {
  return (JSON as { rawJSON?: (text: string) => unknown }).rawJSON?.(text)
}
