import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import type { ObjectPlace } from '@synnefo/clients/object-store'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Folder } from 'lucide-react'
import { TRASH } from '../../cloud/own-containers.ts'
import { containerList, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import { rowsOf } from './rows.ts'

const MOST_FOLDERS = 1_000

/** The folders in a folder. */
export const folderNames = (container: string, folder: string) =>
  queryOptions({
    queryKey: ['objects', '', container, 'folders', folder],
    async queryFn() {
      const options = { delimiter: '/', limit: MOST_FOLDERS, ...(folder === '' ? {} : { prefix: folder }) }
      const entries = await objectStore().listObjects(container, options)
      return rowsOf([entries], folder)[0]!.filter(({ kind }) => kind === 'folder')
    },
  })

interface TargetProps {
  /** The name is '' or a folder with a slash at the end. */
  target: ObjectPlace
  onChange: (target: ObjectPlace) => void
  problem: string | undefined
}

/** Walks through one's own containers and folders with keys or a pointer. The trash is no place to put things by hand. */
export function Target({ target, onChange, problem }: TargetProps) {
  const { data: containers } = useQuery(containerList)
  const { data: folders, error } = useQuery(folderNames(target.container, target.name))
  const options = (containers ?? []).filter(({ name }) => name !== TRASH).map(({ name }) => ({ value: name, label: name }))
  const above = target.name.replace(/[^/]*\/$/, '')
  return (
    <>
      <FormField label="Container">
        <Select
          selectedOption={{ value: target.container, label: target.container }}
          options={options}
          expandToViewport
          onChange={({ detail }) => onChange({ ...target, container: detail.selectedOption.value ?? target.container, name: '' })}
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
