import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Globe, User, Users } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { attached, emailsOf, groupList } from '../../cloud/files.ts'
import { peopleOf } from '../../cloud/people.ts'
import { changed, me, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import { explain } from '../../ui/failure.ts'
import type { Entry, Right } from './subjects.ts'
import { entriesOf, kindOf, RIGHTS, sharingOf, withEntry, without } from './subjects.ts'

interface SharingProps {
  container: string
  /** Without a slash at the end. */
  name: string
  folder: boolean
}

const EVERYBODY = { value: '*', label: 'Everybody who can sign in' }
const PERSON = { value: '', label: 'A person, by e-mail address' }

/** With whom an object or a folder is shared. Nothing waits for a button at the end: each change is one of its own. */
export function Sharing({ container, name, folder }: SharingProps) {
  const { data: found, error } = useQuery(attached({ container }, name))
  const entries = entriesOf(found?.sharing ?? { read: [], write: [] })
  const share = useMutation({
    async mutationFn(wanted: Entry[]) {
      if (folder) await objectStore().ensureFolder(container, name)
      await objectStore().shareObject(container, name, sharingOf(wanted))
    },
    onSettled: () => changed('objects'),
  })
  if (error) return <Failure error={error} />
  if (found === undefined) return <Spinner />
  if (found.sharedBy !== undefined)
    return (
      <SpaceBetween size="m">
        <Alert type="info">
          This is shared through the folder <strong className="breakable">{found.sharedBy}</strong>, with everything in it. Change
          the sharing of that folder to change this.
        </Alert>
        <Subjects entries={entries} />
      </SpaceBetween>
    )
  return (
    <SpaceBetween size="l">
      {entries.length === 0 ? (
        <p className="soft">
          Nobody but you can see this {folder ? 'folder' : 'file'}
          {found.link ? ', and who has its public link.' : '.'}
        </p>
      ) : (
        <Subjects
          entries={entries}
          busy={share.isPending}
          onRight={(subject, right) => share.mutate(withEntry(entries, { subject, right }))}
          onRemove={(subject) => share.mutate(without(entries, subject))}
        />
      )}
      <Failure error={share.error} />
      <AddSubject entries={entries} busy={share.isPending} onAdd={(entry) => share.mutate(withEntry(entries, entry))} />
      {entries.length > 1 && (
        <Button disabled={share.isPending} onClick={() => share.mutate([])}>
          Stop sharing with all
        </Button>
      )}
      {folder && <p className="soft small">What is in the folder is shared with it, and so is what comes into it later.</p>}
    </SpaceBetween>
  )
}

interface SubjectsProps {
  entries: Entry[]
  busy?: boolean
  onRight?: (subject: string, right: Right) => void
  onRemove?: (subject: string) => void
}

function Subjects({ entries, busy = false, onRight, onRemove }: SubjectsProps) {
  const uuids = entries.flatMap(({ subject }) => {
    const shown = kindOf(subject)
    return shown.kind === 'person' ? [shown.uuid] : []
  })
  const { data: emails } = useQuery(emailsOf(uuids.toSorted()))
  return (
    <ul className="subjects" aria-label="Shared with">
      {entries.map(({ subject, right }) => {
        const shown = kindOf(subject)
        const Icon = shown.kind === 'person' ? User : shown.kind === 'group' ? Users : Globe
        const label =
          shown.kind === 'person'
            ? (emails?.[shown.uuid] ?? shown.uuid)
            : shown.kind === 'group'
              ? `Group ${shown.name}`
              : 'Everybody'
        const chosen = RIGHTS.find(({ value }) => value === right)!
        return (
          <li key={subject}>
            <Icon size={18} aria-hidden />
            <span className="subject-name">{label}</span>
            {onRight ? (
              <Select
                selectedOption={chosen}
                options={RIGHTS}
                disabled={busy}
                expandToViewport
                ariaLabel={`What ${label} may do`}
                onChange={({ detail }) => onRight(subject, detail.selectedOption.value as Right)}
              />
            ) : (
              <span className="soft">{chosen.label}</span>
            )}
            {onRemove && (
              <Button
                variant="icon"
                iconName="remove"
                ariaLabel={`Stop sharing with ${label}`}
                disabled={busy}
                onClick={() => onRemove(subject)}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

interface AddSubjectProps {
  entries: Entry[]
  busy: boolean
  onAdd: (entry: Entry) => void
}

function AddSubject({ entries, busy, onAdd }: AddSubjectProps) {
  const { data: groups } = useQuery(groupList)
  const [chosen, setChosen] = useState<string>(PERSON.value)
  const [email, setEmail] = useState('')
  const [right, setRight] = useState<Right>('read')
  const add = useMutation({
    mutationFn: async () => (chosen === PERSON.value ? personOf(email.trim()) : chosen),
    onSuccess(subject) {
      onAdd({ subject, right })
      setEmail('')
    },
  })
  const options = [
    PERSON,
    ...[...(groups?.keys() ?? [])].map((name) => ({ value: `${me().uuid}:${name}`, label: `Group ${name}` })),
    EVERYBODY,
  ]
  const taken = chosen !== PERSON.value && entries.some((entry) => entry.subject === chosen && entry.right === right)
  const ready = chosen === PERSON.value ? email.trim() !== '' : !taken
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) add.mutate()
      }}
    >
      <SpaceBetween size="s">
        <FormField label="Share with" constraintText={<Link to="/groups">Make and change groups</Link>}>
          <Select
            selectedOption={options.find(({ value }) => value === chosen) ?? PERSON}
            options={options}
            expandToViewport
            onChange={({ detail }) => {
              setChosen(detail.selectedOption.value ?? PERSON.value)
              add.reset()
            }}
          />
        </FormField>
        {chosen === PERSON.value && (
          <FormField label="E-mail address" errorText={add.error ? explain(add.error) : undefined}>
            <Input
              type="email"
              inputMode="email"
              autoComplete={false}
              value={email}
              onChange={({ detail }) => {
                setEmail(detail.value)
                add.reset()
              }}
            />
          </FormField>
        )}
        <div className="share-end">
          <Select
            selectedOption={RIGHTS.find(({ value }) => value === right)!}
            options={RIGHTS}
            expandToViewport
            ariaLabel="What they may do"
            onChange={({ detail }) => setRight(detail.selectedOption.value as Right)}
          />
          <Button variant="primary" formAction="submit" loading={add.isPending || busy} disabled={!ready}>
            Share
          </Button>
        </div>
      </SpaceBetween>
    </form>
  )
}

async function personOf(email: string): Promise<string> {
  const [uuid] = await peopleOf([email])
  if (uuid === me().uuid) throw new Error('That is your own address')
  return uuid!
}
