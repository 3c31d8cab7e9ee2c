// The uploads of this page, from being chosen until dismissed. They go on while pages come and go.
import { ApiError } from '@synnefo/clients/http'
import { readMetadata } from '@synnefo/clients/object-headers'
import { useSyncExternalStore } from 'react'
import type { Where } from '../cloud/files.ts'
import { ensureContainers, HOME } from '../cloud/own-containers.ts'
import { changed, me, objectStore } from '../cloud/queries.ts'
import { explain } from '../ui/failure.ts'
import { browserTools } from './browser-tools.ts'
import { forget, listInterrupted, remember } from './interrupted.ts'
import type { Chosen } from './names.ts'
import { nextName } from './names.ts'
import { upload } from './upload.ts'

export type State =
  | { state: 'queued' }
  | { state: 'hashing'; bytes: number }
  | { state: 'sending'; bytes: number }
  | { state: 'waiting'; bytes: number; until: number; reason: string }
  | { state: 'finishing' }
  /** An object of that name is there: replace it, keep both, or leave it? */
  | { state: 'exists' }
  | { state: 'done' }
  | { state: 'failed'; reason: string }
  /** The page was left before it was done: the file has to be chosen again. */
  | { state: 'interrupted' }

export interface Upload {
  id: number
  /** Who uploads. */
  account: string
  /** Into whose container, when it is somebody else's. */
  owner: string | undefined
  container: string
  name: string
  size: number
  file: File | undefined
  lastModified: number
  replace: boolean
  /** It takes the place of the content alone: what is written to the object stays. */
  keepsMetadata?: boolean
  status: State
  /** When sending began, and with how much there already: for speed and time left. */
  sending?: { since: number; from: number }
}

export type Answer = 'replace' | 'both' | 'skip'

const AT_ONCE = 2

let uploads: Upload[] = []
let lastId = 0
let looked = false
const running = new Map<number, AbortController>()
const listeners = new Set<() => void>()

export function useUploads(): Upload[] {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => uploads,
  )
}

export const isActive = ({ status: { state } }: Upload) =>
  ['queued', 'hashing', 'sending', 'waiting', 'finishing'].includes(state)

/** Shows what an earlier page left unfinished. */
export function recallInterrupted() {
  if (looked) return
  looked = true
  const account = me().uuid
  const entries = listInterrupted(account).map((entry) => ({
    ...entry,
    id: ++lastId,
    owner: entry.owner,
    file: undefined,
    replace: true, // it was agreed upon when the upload began
    status: { state: 'interrupted' } as const,
  }))
  if (entries.length > 0) set([...uploads, ...entries])
}

/** Begins to replace the content of an object, which keeps its name and metadata. */
export function addReplacement({ container, account: owner }: Where, name: string, file: File) {
  const replacement: Upload = {
    id: ++lastId,
    account: me().uuid,
    owner,
    container,
    name,
    size: file.size,
    file,
    lastModified: file.lastModified,
    replace: true,
    keepsMetadata: true,
    status: { state: 'queued' },
  }
  set([...uploads.filter((old) => isActive(old) || !isSamePlace(old, replacement)), replacement])
  work()
}

/** Begins to upload files into a folder of a container; the folder is '' or ends in a slash. */
export function addFiles({ container, account: owner }: Where, folder: string, chosen: Chosen[]) {
  const account = me().uuid
  const added = chosen.map(({ file, path }): Upload => {
    const name = `${folder}${path}`
    const interrupted = uploads.find(
      (other) => other.status.state === 'interrupted' && isSamePlace(other, { owner, container, name }),
    )
    const { size, lastModified } = file
    return {
      id: ++lastId,
      account,
      owner,
      container,
      name,
      size,
      file,
      lastModified,
      replace: interrupted?.size === size,
      status: { state: 'queued' },
    }
  })
  // The same object chosen again takes the place of what is no longer under way.
  const kept = uploads.filter((old) => isActive(old) || !added.some((each) => isSamePlace(each, old)))
  set([...kept, ...added])
  work()
}

const isSamePlace = (a: Pick<Upload, 'owner' | 'container' | 'name'>, b: Pick<Upload, 'owner' | 'container' | 'name'>) =>
  a.owner === b.owner && a.container === b.container && a.name === b.name

/** Goes on with an upload of an earlier page. Answers what is wrong with the chosen file, if anything is. */
export function resume(id: number, file: File): string | undefined {
  const interrupted = uploads.find((other) => other.id === id)
  if (interrupted === undefined) return undefined
  if (file.size !== interrupted.size) return 'This file has another size than the one whose upload was interrupted.'
  update(id, { file, lastModified: file.lastModified, status: { state: 'queued' } })
  work()
  return undefined
}

export function answer(id: number, choice: Answer, forAll = false) {
  const asking = uploads.filter((other) => other.status.state === 'exists' && (forAll || other.id === id))
  for (const { id, name } of asking) {
    if (choice === 'skip') dismiss(id)
    else if (choice === 'replace') update(id, { replace: true, status: { state: 'queued' } })
    else update(id, { name: nextName(name), status: { state: 'queued' } })
  }
  work()
}

export const isOver = ({ status: { state } }: Upload) => state === 'done' || state === 'failed'

export function retryAll() {
  for (const { id, status } of uploads) if (status.state === 'failed') update(id, { status: { state: 'queued' } })
  work()
}

/** Stops what is under way or asks; what came to an end stays on the list. */
export function stopAll() {
  for (const each of uploads) if (isActive(each) || each.status.state === 'exists') dismiss(each.id)
}

export function retry(id: number) {
  update(id, { status: { state: 'queued' } })
  work()
}

/** Stops it if it is under way, and takes it off the list. */
export function dismiss(id: number) {
  running.get(id)?.abort()
  const gone = uploads.find((other) => other.id === id)
  if (gone !== undefined) forget(gone)
  set(uploads.filter((other) => other.id !== id))
}

export function dismissFinished() {
  set(uploads.filter(({ status: { state } }) => state !== 'done'))
}

/** Takes everything off the list that is not under way. */
export function dismissOver() {
  for (const each of uploads) if (isOver(each)) dismiss(each.id)
}

function work() {
  for (const next of uploads) {
    if (running.size >= AT_ONCE) return
    if (next.status.state === 'queued' && !running.has(next.id)) void run(next)
  }
}

async function run(next: Upload) {
  const { id, file, owner, container, name, size, account, lastModified, replace } = next
  const controller = new AbortController()
  running.set(id, controller)
  const { signal } = controller
  try {
    if (file === undefined) throw new Error('The file has to be chosen again')
    update(id, { status: { state: 'hashing', bytes: 0 } })
    // Asked first, so that the question comes before the work; the last step makes sure once more.
    if (!replace && (await objectStore(owner).showObject(container, name)) !== undefined)
      return update(id, { status: { state: 'exists' } })
    // Blocks for a container of somebody else are handed in at one's own.
    if (owner !== undefined) await ensureContainers(objectStore(), [HOME])
    remember({ account, owner, container, name, size, lastModified })
    const kept = next.keepsMetadata ? await keptOf(next) : undefined
    const contentType = file.type || kept?.contentType || 'application/octet-stream'
    const journey = { file, container, name, contentType, createOnly: !replace, metadata: kept?.metadata ?? {} }
    await upload(journey, browserTools(owner), { signal, onProgress: (progress) => note(id, progress) })
    forget({ account, owner, container, name })
    update(id, { status: { state: 'done' } })
    void changed('objects')
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof ApiError && error.status === 412 && !replace) update(id, { status: { state: 'exists' } })
    else update(id, { status: { state: 'failed', reason: explain(error) } })
  } finally {
    running.delete(id)
    work()
  }
}

/** What stays of an object whose content is replaced; its type when the new file does not say one. */
async function keptOf({ owner, container, name }: Upload) {
  const headers = await objectStore(owner).showObject(container, name)
  return headers && { metadata: readMetadata(headers), contentType: headers.get('content-type') }
}

function note(id: number, progress: Parameters<Parameters<typeof upload>[2]['onProgress']>[0]) {
  const now = uploads.find((other) => other.id === id)
  if (now === undefined) return
  const bytes = 'bytes' in now.status ? now.status.bytes : 0
  switch (progress.phase) {
    case 'hashing':
      return update(id, { status: { state: 'hashing', bytes: progress.bytes } })
    case 'sending':
      return update(id, {
        status: { state: 'sending', bytes: progress.bytes },
        sending: now.sending ?? { since: Date.now(), from: progress.bytes },
      })
    case 'waiting':
      return update(id, {
        status: { state: 'waiting', bytes, until: Date.now() + progress.seconds * 1_000, reason: progress.reason },
      })
    case 'finishing':
      return update(id, { status: { state: 'finishing' } })
  }
}

function update(id: number, change: Partial<Upload>) {
  set(uploads.map((other) => (other.id === id ? { ...other, ...change } : other)))
}

function set(next: Upload[]) {
  uploads = next
  for (const tell of listeners) tell()
}

addEventListener('beforeunload', (event) => {
  if (uploads.some(isActive)) event.preventDefault()
})
