import { ChevronDown, ChevronUp, CircleCheck, CircleX, FileUp, RotateCw, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { count, formatBytes } from '../ui/format.ts'
import type { Upload } from './queue.ts'
import { answer, dismiss, dismissFinished, dismissOver, isActive, isOver, resume, retry, retryAll, stopAll } from './queue.ts'
import './uploads.css'

/** How long it stays when all is done and nobody looks at it. */
const LINGER = 8_000

/** The uploads of this page, in a corner that stays while pages come and go. */
export default function UploadsDock({ uploads }: { uploads: Upload[] }) {
  const [folded, setFolded] = useState(false)
  const active = uploads.filter(isActive).length
  const asking = uploads.filter(({ status: { state } }) => state === 'exists').length
  const done = uploads.filter(({ status: { state } }) => state === 'done').length
  const [watched, setWatched] = useState(false)
  const over = done === uploads.length
  useEffect(() => {
    if (!over || watched) return
    const timer = setTimeout(dismissFinished, LINGER)
    return () => clearTimeout(timer)
  }, [over, watched])
  return (
    <section
      className={folded ? 'uploads' : 'uploads uploads-open'}
      aria-label="Uploads"
      onPointerEnter={() => setWatched(true)}
      onPointerLeave={() => setWatched(false)}
    >
      <header className="uploads-header">
        <strong>{headline(uploads)}</strong>
        {ALL.filter(({ when }) => uploads.filter(when).length > 1 || (when === isOver && active === 0 && done > 0)).map(
          ({ text, label, act }) => (
            <button key={text} type="button" className="uploads-clear" aria-label={label} onClick={act}>
              {text}
            </button>
          ),
        )}
        <button
          type="button"
          aria-label={folded ? 'Show the uploads' : 'Fold the uploads'}
          aria-expanded={!folded}
          onClick={() => setFolded(!folded)}
        >
          {folded ? <ChevronUp size={18} aria-hidden /> : <ChevronDown size={18} aria-hidden />}
        </button>
      </header>
      {!folded && (
        <ul>
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} more={asking > 1} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** What is done with many at once. */
const ALL = [
  { text: 'Stop all', label: 'Stop all uploads', when: isActive, act: stopAll },
  {
    text: 'Retry all',
    label: 'Try all failed uploads again',
    when: ({ status }: Upload) => status.state === 'failed',
    act: retryAll,
  },
  { text: 'Clear', label: 'Take all that is over off the list', when: isOver, act: dismissOver },
]

function headline(uploads: Upload[]): string {
  const active = uploads.filter(isActive).length
  if (active > 0) return `Uploading ${count(active, 'file')}`
  const failed = uploads.filter(({ status: { state } }) => state === 'failed').length
  if (failed > 0) return failed === 1 ? 'An upload failed' : `${failed} uploads failed`
  if (uploads.every(({ status: { state } }) => state === 'done')) return `${count(uploads.length, 'file')} uploaded`
  return 'Uploads need your answer'
}

function UploadRow({ upload, more }: { upload: Upload; more: boolean }) {
  const { id, name, container, size, status } = upload
  const share = shareOf(upload)
  const short = name.split('/').at(-1)
  return (
    <li className={`upload upload-${status.state}`}>
      <span className="upload-icon">
        {status.state === 'done' ? (
          <CircleCheck size={18} aria-hidden />
        ) : status.state === 'failed' ? (
          <CircleX size={18} aria-hidden />
        ) : (
          <FileUp size={18} aria-hidden />
        )}
      </span>
      <div className="upload-words">
        <span className="upload-name" title={`${container}/${name}`}>
          {short}
        </span>
        {share !== undefined && (
          <progress aria-label={`Upload of ${short}`} max={1} value={share}>
            {Math.round(share * 100)} %
          </progress>
        )}
        <StatusText upload={upload} />
        {status.state === 'exists' && <Question id={id} more={more} />}
        {status.state === 'interrupted' && <ChooseAgain upload={upload} />}
      </div>
      <span className="upload-size">{formatBytes(size)}</span>
      <span className="upload-buttons">
        {status.state === 'failed' && (
          <button type="button" aria-label={`Try ${short} again`} title="Try again" onClick={() => retry(id)}>
            <RotateCw size={16} aria-hidden />
          </button>
        )}
        <button
          type="button"
          aria-label={isActive(upload) ? `Stop the upload of ${short}` : `Take ${short} off the list`}
          title={isActive(upload) ? 'Stop' : 'Dismiss'}
          onClick={() => dismiss(id)}
        >
          <X size={16} aria-hidden />
        </button>
      </span>
    </li>
  )
}

/** 0 to 1 while something moves. Hashing is shown apart, since nothing travels yet. */
function shareOf({ size, status }: Upload): number | undefined {
  if (status.state === 'finishing') return 1
  return 'bytes' in status ? (size === 0 ? 1 : status.bytes / size) : undefined
}

function StatusText({ upload }: { upload: Upload }) {
  const { size, status } = upload
  const now = useNow(status.state === 'sending' || status.state === 'waiting')
  switch (status.state) {
    case 'queued':
      return <span className="upload-status">Waiting for its turn</span>
    case 'hashing':
      return <span className="upload-status">Reading the file, {percent(status.bytes, size)}</span>
    case 'sending':
      return (
        <span className="upload-status">
          {percent(status.bytes, size)}
          {pace(upload, status.bytes, now)}
        </span>
      )
    case 'waiting':
      return (
        <span className="upload-status" role="status">
          {status.reason}. Trying again in {Math.max(0, Math.ceil((status.until - now) / 1_000))} s
        </span>
      )
    case 'finishing':
      return <span className="upload-status">Finishing</span>
    case 'exists':
      return (
        <span className="upload-status" role="alert">
          A file of this name is there already.
        </span>
      )
    case 'failed':
      return (
        <span className="upload-status" role="alert">
          {status.reason}
        </span>
      )
    case 'interrupted':
      return <span className="upload-status">Interrupted when the page was left.</span>
    case 'done':
      return <span className="upload-status">In {upload.container}</span>
  }
}

const percent = (bytes: number, size: number) => `${size === 0 ? 100 : Math.floor((bytes / size) * 100)} %`

/** " · 12 MiB/s · 3 min left", once there is something to tell from. */
function pace({ size, sending }: Upload, bytes: number, now: number): string {
  const seconds = sending === undefined ? 0 : (now - sending.since) / 1_000
  const speed = sending === undefined ? 0 : (bytes - sending.from) / seconds
  if (seconds < 1.5 || speed <= 0) return ''
  const left = (size - bytes) / speed
  const time =
    left < 60 ? `${Math.ceil(left)} s` : left < 3_600 ? `${Math.ceil(left / 60)} min` : `${(left / 3_600).toFixed(1)} h`
  return ` · ${formatBytes(Math.round(speed))}/s · ${time} left`
}

function Question({ id, more }: { id: number; more: boolean }) {
  const [forAll, setForAll] = useState(false)
  return (
    <span className="upload-question">
      <button type="button" onClick={() => answer(id, 'replace', forAll)}>
        Replace
      </button>
      <button type="button" onClick={() => answer(id, 'both', forAll)}>
        Keep both
      </button>
      <button type="button" onClick={() => answer(id, 'skip', forAll)}>
        Skip
      </button>
      {more && (
        <label>
          <input type="checkbox" checked={forAll} onChange={({ target }) => setForAll(target.checked)} /> for all
        </label>
      )}
    </span>
  )
}

function ChooseAgain({ upload }: { upload: Upload }) {
  const [wrong, setWrong] = useState<string>()
  return (
    <span className="upload-question">
      <label className="upload-choose">
        Choose the file to go on
        <input
          type="file"
          className="visually-hidden"
          onChange={({ target }) => target.files?.[0] && setWrong(resume(upload.id, target.files[0]))}
        />
      </label>
      {wrong !== undefined && (
        <span className="upload-wrong" role="alert">
          {wrong}
        </span>
      )}
    </span>
  )
}

/** The time, every second for as long as it matters. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
