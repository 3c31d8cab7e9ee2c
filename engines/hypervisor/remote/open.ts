// The asking end: a hypervisor that is another process of this host, reached over HTTP on a Unix socket.
import { type IncomingMessage, request as openRequest, type RequestOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import { buffer, json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { type Abilities, BackendUnavailable, type Capacity, type Hypervisor } from '../interface.ts'
import { encodeSpec } from '../spec-json.ts'
import { CONSOLE_PROTOCOL, type CreateRequest, decodeError, decodeFacts, type JsonError, type JsonFacts, PREFIX } from './wire.ts'

const ANSWER_MS = 30_000
const FIRST_RECONNECT_MS = 100
const LAST_RECONNECT_MS = 5_000

/** Nothing is connected until something is asked, so the other end may start later, and again. */
export function openRemote({ socketPath }: { socketPath: string }): Hypervisor {
  const closing = new AbortController()

  /** Answers once the head of the response is there. A connection of its own each time: none can have gone stale. */
  function ask(
    method: string,
    path: string,
    { body, ...options }: RequestOptions & { body?: object } = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const unavailable = (cause?: Error) => reject(new BackendUnavailable('the hypervisor does not answer', { cause }))
      const text = body && JSON.stringify(body)
      const headers = { ...(text !== undefined && { 'Content-Type': 'application/json' }), ...options.headers }
      const request = openRequest({ ...options, socketPath, method, path: PREFIX + path, headers, agent: false })
      const timer = setTimeout(() => request.destroy(new Error('it took too long')), ANSWER_MS)
      request.once('close', () => clearTimeout(timer))
      request.once('response', (response) => {
        clearTimeout(timer)
        resolve(response)
      })
      request.once('error', unavailable)
      request.once('upgrade', (_response, socket: Duplex, head: Buffer) => {
        clearTimeout(timer)
        socket.on('error', () => socket.destroy())
        if (head.length > 0) socket.unshift(head)
        resolve(Object.assign(_response, { upgraded: socket }))
      })
      request.end(text)
    })
  }

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await ask(method, path, { body })
    if (response.statusCode! >= 400) throw await errorIn(response)
    const text = (await whole(response)).toString()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  const post = (path: string, body: object) => call<void>('POST', path, body)
  const at = (name: string) => `/instances/${encodeURIComponent(name)}`

  /** Listens until told to stop, connecting again whenever the line drops: then something may have been missed. */
  async function listen(onChange: () => void, signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_RECONNECT_MS
    while (!signal.aborted) {
      try {
        const response = await ask('GET', '/changes', { signal })
        for await (const _line of response) {
          pauseMs = FIRST_RECONNECT_MS
          if (!signal.aborted) onChange()
        }
      } catch {
        // told by the next call, which the caller makes anyway
      }
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {})
      pauseMs = Math.min(2 * pauseMs, LAST_RECONNECT_MS)
    }
  }

  return {
    can: () => call<Abilities>('GET', '/can'),
    list: async () => decodeFacts(await call<JsonFacts[]>('GET', '/instances')),
    create: (spec, intent) => post('/instances', { spec: encodeSpec(spec), intent } satisfies CreateRequest),
    start: (name, intent) => post(`${at(name)}/start`, { intent }),
    stop: (name, graceSeconds, intent) => post(`${at(name)}/stop`, { intent, graceSeconds }),
    reboot: (name, { hard }, intent) => post(`${at(name)}/reboot`, { intent, hard }),
    remove: (name, intent) => post(`${at(name)}/remove`, { intent }),
    async openConsole(name, kind) {
      const headers = { Connection: 'Upgrade', Upgrade: CONSOLE_PROTOCOL }
      const response = (await ask('GET', `${at(name)}/console/${kind}`, { headers })) as IncomingMessage & { upgraded?: Duplex }
      if (response.upgraded === undefined) throw await errorIn(response)
      return response.upgraded
    },
    async screenshot(name) {
      const response = await ask('GET', `${at(name)}/screenshot`)
      if (response.statusCode! >= 400) throw await errorIn(response)
      return whole(response)
    },
    capacity: () => call<Capacity>('GET', '/capacity'),
    watch(onChange) {
      const stopping = new AbortController()
      void listen(onChange, AbortSignal.any([stopping.signal, closing.signal]))
      return () => stopping.abort()
    },
    close: async () => closing.abort(),
  }
}

async function whole(response: IncomingMessage): Promise<Buffer> {
  try {
    return await buffer(response)
  } catch (cause) {
    throw new BackendUnavailable('the hypervisor broke off its answer', { cause })
  }
}

async function errorIn(response: IncomingMessage): Promise<Error> {
  try {
    return decodeError((await json(response)) as JsonError)
  } catch (cause) {
    return new BackendUnavailable(`the hypervisor answered ${response.statusCode}`, { cause })
  }
}
