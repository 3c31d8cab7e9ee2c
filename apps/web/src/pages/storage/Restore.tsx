import Alert from '@cloudscape-design/components/alert'
import Checkbox from '@cloudscape-design/components/checkbox'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import type { Restored } from '@synnefo/clients/object-store'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { count, formatTime } from '../../ui/format.ts'
import type { Differences } from './differences.ts'
import { differences } from './differences.ts'
import { containerAddress, lastPart } from './places.ts'

interface RestoreProps {
  container: string
  /** '' for everything, a folder with a slash at the end, or an object. */
  place: string
  at: number
  /** The folder that is shown, and that is gone back to. */
  folder: string
  onClose: () => void
}

const MOST_COMPARED = 5_000

/** What restoring a place to how it was at a moment changes; 'many' where that is too much to be told. */
const differencesSince = (container: string, place: string, until: number) =>
  queryOptions({
    queryKey: ['objects', container, 'differences', place, until],
    async queryFn(): Promise<Differences | 'many'> {
      // The object of a folder itself comes before everything in it.
      const prefix = place.replace(/\/$/, '')
      const list = (at?: number) =>
        objectStore().listObjects(container, {
          limit: MOST_COMPARED,
          ...(prefix === '' ? {} : { prefix }),
          ...(at === undefined ? {} : { until: at }),
        })
      const [then, now] = await Promise.all([list(until), list()])
      const cut = then.length === MOST_COMPARED || now.length === MOST_COMPARED
      return cut ? 'many' : differences(place, then, now)
    },
    staleTime: 0,
  })

/** Says what restoring would change, does it, and says what it changed. */
export function Restore({ container, place, at, folder, onClose }: RestoreProps) {
  const navigate = useNavigate()
  const [keepsNew, setKeepsNew] = useState(false)
  const { data, error } = useQuery(differencesSince(container, place, at))
  const whole = place === '' || place.endsWith('/')
  const restore = useMutation({
    mutationFn: () =>
      objectStore().restore(container, place === '' ? undefined : place.replace(/\/$/, ''), {
        until: at,
        ...(place.endsWith('/') ? { delimiter: '/' } : {}),
        ...(keepsNew ? { keep: 'new' as const } : {}),
      }),
    onSuccess: () => changed('objects'),
  })
  const what = place === '' ? container : lastPart(place)
  const nothing = data !== undefined && data !== 'many' && changesOf(data, keepsNew) === 0
  const done = restore.data
  return (
    <Dialog
      title={done ? `“${what}” is restored` : `Restore “${what}”?`}
      cancel={done ? 'Close' : 'Cancel'}
      {...(done
        ? { act: 'Show the files as they are now', onAct: () => void navigate(containerAddress(container, folder)) }
        : {
            act: 'Restore',
            acting: restore.isPending,
            ready: data !== undefined && !nothing,
            onAct: () => restore.mutate(),
          })}
      onClose={onClose}
    >
      {done ? (
        <Outcome {...done} />
      ) : (
        <SpaceBetween size="m">
          <p>
            {whole ? 'It becomes, with everything in it,' : 'It becomes'} what it was on{' '}
            <strong>{formatTime(new Date(at * 1_000))}</strong>.
          </p>
          {error ? <Failure error={error} /> : data === undefined ? <Spinner /> : <Changes found={data} keepsNew={keepsNew} />}
          {whole && (
            <Checkbox checked={keepsNew} onChange={({ detail }) => setKeepsNew(detail.checked)}>
              Keep what was not there then
            </Checkbox>
          )}
          <p className="soft small">What is replaced or goes stays in the history, where the container keeps one.</p>
          <Failure error={restore.error} />
        </SpaceBetween>
      )}
    </Dialog>
  )
}

const changesOf = ({ back, replaced, gone }: Differences, keepsNew: boolean) =>
  back.length + replaced.length + (keepsNew ? 0 : gone.length)

function Changes({ found, keepsNew }: { found: Differences | 'many'; keepsNew: boolean }) {
  if (found === 'many') return <Alert type="info">There is too much here to say beforehand what changes.</Alert>
  const lines: [string, string[]][] = [
    ['Come back', found.back],
    ['Become what they were', found.replaced],
    [keepsNew ? 'Are new since then, and stay' : 'Are new since then, and go', found.gone],
  ]
  const shown = lines.filter(([, names]) => names.length > 0)
  if (shown.length === 0) return <p>Nothing changes: it is as it was.</p>
  return (
    <dl className="changes">
      {shown.map(([words, names]) => (
        <div key={words}>
          <dt>
            {words}: {count(names.length, 'file or folder', 'files and folders')}
          </dt>
          <dd className="breakable soft small">
            {names.slice(0, 5).join(', ')}
            {names.length > 5 ? ` and ${(names.length - 5).toLocaleString()} more` : ''}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Outcome({ restored, deleted, unchanged, kept }: Restored) {
  return (
    <ul className="outcome" aria-label="What changed">
      <li>{count(restored, 'file or folder', 'files and folders')} restored</li>
      {deleted > 0 && <li>{count(deleted, 'file or folder', 'files and folders')} deleted that were not there then</li>}
      {kept > 0 && <li>{count(kept, 'file or folder', 'files and folders')} kept, not there then or without a history so old</li>}
      {unchanged > 0 && <li>{count(unchanged, 'file or folder', 'files and folders')} as they were</li>}
    </ul>
  )
}
