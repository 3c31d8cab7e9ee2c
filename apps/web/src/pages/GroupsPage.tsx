import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import Table from '@cloudscape-design/components/table'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Users } from 'lucide-react'
import { useState } from 'react'
import { emailsOf, groupList } from '../cloud/files.ts'
import { changed, objectStore, queryClient } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { count } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { GroupForm } from './storage/GroupForm.tsx'

const membersOf = (groups: ReadonlyMap<string, string[]>) => [...new Set([...groups.values()].flat())].toSorted()

export const loader = async () => {
  const groups = await queryClient.ensureQueryData(groupList)
  await queryClient.ensureQueryData(emailsOf(membersOf(groups)))
  return null
}

interface Group {
  name: string
  members: string[]
}

export default function GroupsPage() {
  const { data: groups } = useSuspenseQuery(groupList)
  const { data: emails } = useSuspenseQuery(emailsOf(membersOf(groups)))
  const [editing, setEditing] = useState<Group | 'new'>()
  const [deleting, setDeleting] = useState<Group>()
  const narrow = useNarrow()
  const rows = [...groups].map(([name, members]): Group => ({ name, members })).toSorted((a, b) => a.name.localeCompare(b.name))
  const people = ({ members }: Group) =>
    members
      .map((uuid) => emails[uuid] ?? uuid)
      .toSorted()
      .join(', ')
  const createButton = (
    <Button variant="primary" onClick={() => setEditing('new')}>
      Create group
    </Button>
  )
  return (
    <Page
      title="Groups"
      description="People to whom files and folders are shared together. Who joins or leaves a group may or may no longer at once."
      actions={createButton}
    >
      <Table<Group>
        variant="container"
        items={rows}
        trackBy="name"
        wrapLines
        header={
          <Header variant="h2" counter={`(${rows.length})`}>
            Your groups
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (group) => (
              <span className="breakable">
                <button type="button" className="link-button" onClick={() => setEditing(group)}>
                  {group.name}
                </button>
                {narrow && <span className="soft small object-detail">{people(group)}</span>}
              </span>
            ),
          },
          ...(narrow
            ? []
            : [
                { id: 'count', header: 'Members', cell: ({ members }: Group) => count(members.length, 'person', 'people') },
                {
                  id: 'people',
                  header: 'Who',
                  cell: (group: Group) => <span className="breakable">{people(group)}</span>,
                },
              ]),
          {
            id: 'act',
            header: <span className="visually-hidden">Actions</span>,
            cell: (group) => (
              <div className="row-actions">
                <Button variant="icon" iconName="edit" ariaLabel={`Edit ${group.name}`} onClick={() => setEditing(group)} />
                <Button variant="icon" iconName="remove" ariaLabel={`Delete ${group.name}`} onClick={() => setDeleting(group)} />
              </div>
            ),
          },
        ]}
        empty={
          <EmptyState icon={Users} title="No groups yet" action={createButton}>
            Put people together, then share files and folders with all of them.
          </EmptyState>
        }
      />
      {editing !== undefined && (
        <GroupForm
          group={editing === 'new' ? undefined : editing}
          taken={[...groups.keys()]}
          onClose={() => setEditing(undefined)}
        />
      )}
      {deleting !== undefined && (
        <Confirm
          title={`Delete the group “${deleting.name}”?`}
          act="Delete group"
          onConfirm={() => objectStore().setGroup(deleting.name, [])}
          onDone={() => void changed('objects')}
          onClose={() => setDeleting(undefined)}
        >
          What is shared with it stays shared with a group of that name, in which nobody is. A group of the same name made later
          may use it again.
        </Confirm>
      )}
    </Page>
  )
}
