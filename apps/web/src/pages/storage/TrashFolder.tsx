import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { versionHeaders } from '../../cloud/files.ts'
import { TRASH } from '../../cloud/own-containers.ts'
import { containerList, objectStore } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRoomy } from '../../ui/use-narrow.ts'
import { DeleteForEver } from './DeleteForEver.tsx'
import { EmptyContainer } from './EmptyContainer.tsx'
import { FilesTable } from './FilesTable.tsx'
import { ObjectName } from './ObjectName.tsx'
import type { PropertiesTab } from './ObjectProperties.tsx'
import { ObjectProperties } from './ObjectProperties.tsx'
import { containerAddress, crumbsOf, lastPart } from './places.ts'
import type { Row } from './rows.ts'
import { TakeBack } from './TakeBack.tsx'
import { cameFrom } from './trash.ts'
import { useFolder } from './use-folder.ts'

type Dialog =
  | { kind: 'restore' | 'delete'; rows: Row[] }
  | { kind: 'properties'; row: Row & { kind: 'object' }; tab: PropertiesTab }
  | { kind: 'empty' }
  | undefined

/** What was thrown away: to look at, to take back, to be rid of. Nothing is put here by hand. */
export function TrashFolder({ folder }: { folder: string }) {
  const view = useFolder({ container: TRASH }, folder)
  const { data: containers } = useQuery(containerList)
  const trash = containers?.find(({ name }) => name === TRASH)
  const [selected, setSelected] = useState<Row[]>([])
  const [dialog, setDialog] = useState<Dialog>()
  const roomy = useRoomy()
  const close = () => setDialog(undefined)
  const done = () => setSelected([])
  return (
    <Page
      title={folder === '' ? 'Trash' : lastPart(folder)}
      crumbs={crumbsOf(TRASH, folder)}
      description={folder === '' ? 'What was thrown away takes up space until it is deleted for ever.' : undefined}
      actions={
        <Button disabled={trash === undefined || trash.count === 0} onClick={() => setDialog({ kind: 'empty' })}>
          Empty trash
        </Button>
      }
    >
      <FilesTable
        view={view}
        changedHeader="Thrown away"
        name={(row, detailed) => (
          <>
            <ObjectName
              row={row}
              to={containerAddress(TRASH, row.name)}
              detailed={detailed}
              onOpen={() => row.kind === 'object' && setDialog({ kind: 'properties', row, tab: 'content' })}
            />
            {folder === '' && !(roomy && !detailed) && (
              <span className="soft small">
                Was in <Origin row={row} />
              </span>
            )}
          </>
        )}
        columns={folder === '' && roomy ? [{ id: 'origin', header: 'Was in', cell: (row) => <Origin row={row} /> }] : []}
        selection={{
          selected,
          onSelect: setSelected,
          bulk: (
            <>
              <Button onClick={() => setDialog({ kind: 'restore', rows: selected })}>Restore</Button>
              <Button onClick={() => setDialog({ kind: 'delete', rows: selected })}>Delete for ever</Button>
            </>
          ),
        }}
        actions={(row) => (
          <>
            {row.kind === 'object' && (
              <Button
                variant="icon"
                iconName="download"
                ariaLabel={`Download ${row.label}`}
                href={objectStore().downloadUrl(TRASH, row.name)}
                download={row.label}
              />
            )}
            <Button
              variant="icon"
              iconName="undo"
              ariaLabel={`Restore ${row.label}`}
              onClick={() => setDialog({ kind: 'restore', rows: [row] })}
            />
            <Button
              variant="icon"
              iconName="remove"
              ariaLabel={`Delete ${row.label} for ever`}
              onClick={() => setDialog({ kind: 'delete', rows: [row] })}
            />
          </>
        )}
        empty={<EmptyState icon={Trash2} title={folder === '' ? 'The trash is empty' : 'This folder is empty'} />}
      />
      {dialog?.kind === 'restore' && <TakeBack rows={dialog.rows} onDone={done} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteForEver container={TRASH} rows={dialog.rows} onDone={done} onClose={close} />}
      {dialog?.kind === 'empty' && trash && <EmptyContainer container={trash} onDone={done} onClose={close} />}
      {dialog?.kind === 'properties' && (
        <ObjectProperties
          where={{ container: TRASH }}
          object={dialog.row.object}
          tab={dialog.tab}
          mayEdit={false}
          actions={
            <>
              <Button onClick={() => setDialog({ kind: 'delete', rows: [dialog.row] })}>Delete for ever</Button>
              <Button onClick={() => setDialog({ kind: 'restore', rows: [dialog.row] })}>Restore</Button>
            </>
          }
          onClose={close}
        />
      )}
    </Page>
  )
}

/** Listings do not tell metadata; those of a version never change, so that they are read once. */
function Origin({ row }: { row: Row }) {
  const { object } = row
  const { data: headers } = useQuery({
    ...versionHeaders({ container: TRASH }, object?.name ?? '', object?.x_object_version ?? 0),
    enabled: object !== undefined,
  })
  const origin = cameFrom(headers)
  if (origin === undefined) return '–'
  const above = origin.name.slice(0, origin.name.lastIndexOf('/') + 1)
  return <span className="wrapping">{`${origin.container}/${above}`}</span>
}
