import { ApiError } from '@synnefo/clients/http'
import { changeHeaders } from '../cloud/connection.ts'
import { learn } from '../cloud/health.ts'
import { HOME } from '../cloud/own-containers.ts'
import { objectStore } from '../cloud/queries.ts'
import type { HashOptions } from './hash.ts'
import type { HashAnswer, HashRequest } from './hash-worker.ts'
import type { Tools } from './upload.ts'

/** For a container of the owner that is named, or of one's own. */
export function browserTools(owner: string | undefined): Tools {
  return {
    store: objectStore(owner),
    hash: hashInWorker,
    sendBlock: (container, block, watch) =>
      sendBlock(objectStore().blockUrl(owner === undefined ? container : HOME), block, watch),
    pause,
  }
}

function hashInWorker(file: Blob, blockSize: number, { signal, onProgress }: HashOptions): Promise<string[]> {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  worker.onmessage = ({ data }: MessageEvent<HashAnswer>) => {
    if ('hashed' in data) onProgress?.(data.hashed)
    else if ('hashes' in data) resolve(data.hashes)
    else reject(new Error(`The file cannot be read: ${data.failure}`))
  }
  worker.onerror = (event) => reject(new Error(event.message || 'The file cannot be hashed'))
  signal?.addEventListener('abort', () => reject(signal.reason))
  worker.postMessage({ file, blockSize } satisfies HashRequest)
  return promise.finally(() => worker.terminate())
}

/** By XMLHttpRequest, since `fetch` does not tell how much of a body has left. */
function sendBlock(url: string, block: Blob, { signal, onProgress }: Parameters<Tools['sendBlock']>[2]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = new XMLHttpRequest()
  request.open('POST', url)
  for (const [name, value] of Object.entries(changeHeaders())) request.setRequestHeader(name, value)
  request.setRequestHeader('Content-Type', 'application/octet-stream')
  request.upload.onprogress = ({ loaded }) => onProgress(loaded)
  request.onerror = () => {
    learn({ answers: false })
    reject(new ApiError(0, 'unreachable', 'The cloud does not answer'))
  }
  request.onload = () => {
    learn({ answers: true })
    if (request.status === 507) learn({ full: true })
    if (request.status !== 202) reject(refusal(request))
    else resolve((JSON.parse(request.responseText) as string[])[0] ?? '')
  }
  const abort = () => {
    request.abort()
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort)
  request.send(block)
  return promise.finally(() => signal.removeEventListener('abort', abort))
}

function refusal({ status, statusText, responseText }: XMLHttpRequest): ApiError {
  try {
    const [[kind, fault]] = Object.entries(JSON.parse(responseText) as Record<string, { message: string; details: string }>) as [
      [string, { message: string; details: string }],
    ]
    return new ApiError(status, kind, fault.message, fault.details)
  } catch {
    return new ApiError(status, 'fault', `The cloud answered ${status} ${statusText}`.trim())
  }
}

/** A pause that ends early when the line comes back. */
function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, seconds * 1_000)
  const abort = () => reject(signal.reason)
  const online = () => resolve()
  addEventListener('online', online)
  signal.addEventListener('abort', abort)
  return promise.finally(() => {
    clearTimeout(timer)
    removeEventListener('online', online)
    signal.removeEventListener('abort', abort)
  })
}
