import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { groupNameRefusal } from '@synnefo/object-store/wire/limits.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { User } from 'lucide-react'
import { useState } from 'react'
import { emailsOf } from '../../cloud/files.ts'
import { peopleOf } from '../../cloud/people.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { explain } from '../../ui/failure.ts'
import { useFirstFocus } from '../../ui/use-first-focus.ts'
import { addressesIn } from './addresses.ts'
import './storage.css'

interface GroupFormProps {
  /** None for a new one. */
  group: { name: string; members: string[] } | undefined
  taken: string[]
  onClose: () => void
}

/** Makes a group, or changes who is in it. Nothing counts before it is saved. */
export function GroupForm({ group, taken, onClose }: GroupFormProps) {
  const [name, setName] = useState(group?.name ?? '')
  const [members, setMembers] = useState(group?.members ?? [])
  const field = useFirstFocus()
  const [written, setWritten] = useState('')
  const { data: emails } = useQuery(emailsOf(members.toSorted()))
  const wanted = name.trim().toLowerCase()
  const wrong =
    group !== undefined || wanted === ''
      ? undefined
      : (groupNameRefusal(wanted) ?? (taken.includes(wanted) ? 'There is a group of this name' : undefined))
  const add = useMutation({
    mutationFn: () => peopleOf(addressesIn(written)),
    onSuccess(found) {
      setMembers([...new Set([...members, ...found])])
      setWritten('')
    },
  })
  const save = useMutation({
    async mutationFn() {
      await objectStore().setGroup(wanted, members)
      await changed('objects')
    },
    onSuccess: onClose,
  })
  const ends = group !== undefined && members.length === 0
  const unchanged = group !== undefined && members.toSorted().join() === group.members.toSorted().join()
  return (
    <Dialog
      title={group === undefined ? 'Create a group' : `Group “${group.name}”`}
      act={group === undefined ? 'Create group' : ends ? 'Delete group' : 'Save'}
      acting={save.isPending}
      ready={wanted !== '' && !wrong && !unchanged && (ends || members.length > 0)}
      onAct={() => save.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        {group === undefined && (
          <FormField label="Name" constraintText="Small letters; no blanks, hyphens or underscores." errorText={wrong}>
            <Input ref={field} autoComplete={false} value={name} onChange={({ detail }) => setName(detail.value)} />
          </FormField>
        )}
        <Members uuids={members} emails={emails} onRemove={(uuid) => setMembers(members.filter((each) => each !== uuid))} />
        {ends && <Alert type="warning">Nobody is left in it: the group is deleted.</Alert>}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (written.trim() !== '') add.mutate()
          }}
        >
          <FormField
            label="E-mail addresses"
            constraintText="Several are separated by commas or blanks."
            errorText={add.error ? explain(add.error) : undefined}
            secondaryControl={
              <Button formAction="submit" loading={add.isPending} disabled={written.trim() === ''}>
                Add
              </Button>
            }
          >
            <Input
              inputMode="email"
              autoComplete={false}
              value={written}
              onChange={({ detail }) => {
                setWritten(detail.value)
                add.reset()
              }}
            />
          </FormField>
        </form>
        <Failure error={save.error} />
      </SpaceBetween>
    </Dialog>
  )
}

interface MembersProps {
  uuids: string[]
  emails: Record<string, string> | undefined
  onRemove: (uuid: string) => void
}

function Members({ uuids, emails, onRemove }: MembersProps) {
  if (uuids.length === 0) return <p className="soft">Nobody is in it yet. Add people by their e-mail addresses.</p>
  return (
    <ul className="subjects" aria-label="Members">
      {uuids.map((uuid) => {
        const label = emails?.[uuid] ?? uuid
        return (
          <li key={uuid}>
            <User size={18} aria-hidden />
            <span className="subject-name">{label}</span>
            <Button variant="icon" iconName="remove" ariaLabel={`Remove ${label}`} onClick={() => onRemove(uuid)} />
          </li>
        )
      })}
    </ul>
  )
}
