import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { Folder } from 'lucide-react'
import { useState } from 'react'
import { changed, containerList, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { count } from '../../ui/format.ts'
import type { Row } from './rows.ts'
import { rowsOf } from './rows.ts'
import type { OnConflict, Way } from './transfers.ts'
import { destinationOf, isTaken, transferProblem, transferRows } from './transfers.ts'

const MOST_FOLDERS = 1_000

const folderNames = (container: string, folder: string) =>
  queryOptions({
    queryKey: ['objects', container, 'folders', folder],
    async queryFn() {
      const options = { delimiter: '/', limit: MOST_FOLDERS, ...(folder === '' ? {} : { prefix: folder }) }
      const entries = await objectStore().listObjects(container, options)
      return rowsOf([entries], folder)[0]!.filter(({ kind }) => kind === 'folder')
    },
  })

interface TransferProps {
  container: string
  folder: string
  rows: Row[]
  way: Way
  onDone: () => void
  onClose: () => void
}

/** Asks where files and folders go, and what to do where something of their name is there already. */
export function Transfer({ container, folder, rows, way, onDone, onClose }: TransferProps) {
  const [target, setTarget] = useState({ container, name: folder })
  const [onConflict, setOnConflict] = useState<OnConflict>('number')
  const [conflicts, setConflicts] = useState<string[]>()
  const transfer = useMutation({
    async mutationFn() {
      const store = objectStore()
      if (conflicts === undefined) {
        const taken: string[] = []
        for (const row of rows) if (await isTaken(store, destinationOf(row, target))) taken.push(row.label)
        if (taken.length > 0) return setConflicts(taken)
      }
      await transferRows(store, container, rows, { target, way, onConflict })
      onClose()
      onDone()
    },
    onSettled: () => changed('objects'),
  })
  const go = (place: typeof target) => {
    setTarget(place)
    setConflicts(undefined)
    transfer.reset()
  }
  const problem = transferProblem(rows, container, target, way)
  const act = way === 'move' ? 'Move' : 'Copy'
  const what = rows.length === 1 ? `“${rows[0]!.label}”` : count(rows.length, 'item')
  return (
    <Dialog
      title={`${act} ${what}`}
      act={act}
      acting={transfer.isPending}
      ready={problem === undefined}
      onAct={() => transfer.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <Target target={target} onChange={go} problem={problem} />
        {conflicts && (
          <>
            <Alert type="warning">
              <span className="breakable">
                There already: {conflicts.slice(0, 5).join(', ')}
                {conflicts.length > 5 ? ` and ${(conflicts.length - 5).toLocaleString()} more` : ''}
              </span>
            </Alert>
            <RadioGroup
              ariaLabel="What to do with what is there already"
              value={onConflict}
              onChange={({ detail }) => setOnConflict(detail.value as OnConflict)}
              items={[
                { value: 'number', label: 'Keep both, with a number added to the name' },
                { value: 'replace', label: 'Replace files that are there', description: 'Folders are merged.' },
              ]}
            />
          </>
        )}
        <Failure error={transfer.error} />
      </SpaceBetween>
    </Dialog>
  )
}

interface TargetProps {
  target: { container: string; name: string }
  onChange: (target: { container: string; name: string }) => void
  problem: string | undefined
}

/** Walks through containers and folders with keys or a pointer. */
function Target({ target, onChange, problem }: TargetProps) {
  const { data: containers } = useQuery(containerList)
  const { data: folders, error } = useQuery(folderNames(target.container, target.name))
  const options = (containers ?? []).map(({ name }) => ({ value: name, label: name }))
  const above = target.name.replace(/[^/]*\/$/, '')
  return (
    <>
      <FormField label="Container">
        <Select
          selectedOption={{ value: target.container, label: target.container }}
          options={options}
          expandToViewport
          onChange={({ detail }) => onChange({ container: detail.selectedOption.value ?? target.container, name: '' })}
        />
      </FormField>
      <FormField
        label="Folder"
        description={<span className="breakable">{target.name === '' ? 'The container itself' : target.name}</span>}
        errorText={problem}
      >
        <ul className="folder-choice" aria-label="Folders">
          {target.name !== '' && (
            <li>
              <button type="button" className="link-button" onClick={() => onChange({ ...target, name: above })}>
                Up to {above === '' ? target.container : above}
              </button>
            </li>
          )}
          {folders?.map(({ name, label }) => (
            <li key={name}>
              <Folder size={16} aria-hidden />
              <button type="button" className="link-button" onClick={() => onChange({ ...target, name })}>
                {label}
              </button>
            </li>
          ))}
          {folders?.length === 0 && <li className="soft small">No folders in here</li>}
        </ul>
      </FormField>
      <Failure error={error} />
    </>
  )
}
