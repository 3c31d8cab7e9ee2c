import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ObjectPlace } from '@synnefo/clients/object-store'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { HOME } from '../../cloud/own-containers.ts'
import { changed, me, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { count } from '../../ui/format.ts'
import { Conflicts } from './Conflicts.tsx'
import type { Row } from './rows.ts'
import { Target } from './Target.tsx'
import type { Way } from './transfers.ts'
import { destinationOf, isTaken, KEEP_BOTH, transferProblem, transferRows } from './transfers.ts'

interface TransferProps {
  where: Where
  /** Where they are now. */
  folder: string
  /** Where they are to go, unless something else is chosen. */
  to?: ObjectPlace | undefined
  rows: Row[]
  way: Way
  onDone: () => void
  onClose: () => void
}

/** Asks where in one's own storage files and folders go, and what to do where something of their name is there already. */
export function Transfer({ where, folder, to, rows, way, onDone, onClose }: TransferProps) {
  const { container, account } = where
  const [target, setTarget] = useState<ObjectPlace>(
    account === undefined ? (to ?? { container, name: folder }) : { account: me().uuid, container: HOME, name: '' },
  )
  const [conflict, setConflict] = useState(KEEP_BOTH)
  const [conflicts, setConflicts] = useState<string[]>()
  const transfer = useMutation({
    async mutationFn() {
      const store = objectStore()
      if (conflicts === undefined) {
        const taken: string[] = []
        for (const row of rows) if (await isTaken(store, destinationOf(row, target))) taken.push(row.label)
        if (taken.length > 0) return setConflicts(taken)
      }
      await transferRows(store, { store: objectStore(account), container }, rows, { target, way, conflict })
      onClose()
      onDone()
    },
    onSettled: () => changed('objects'),
  })
  const go = (place: ObjectPlace) => {
    setTarget(place)
    setConflicts(undefined)
    transfer.reset()
  }
  const problem = account === undefined ? transferProblem(rows, container, target, way) : undefined
  const act = way === 'move' ? 'Move' : 'Copy'
  const what = rows.length === 1 ? `“${rows[0]!.label}”` : count(rows.length, 'item')
  return (
    <Dialog
      title={account === undefined ? `${act} ${what}` : `Copy ${what} to your storage`}
      act={act}
      acting={transfer.isPending}
      ready={problem === undefined}
      onAct={() => transfer.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <Target target={target} onChange={go} problem={problem} />
        {conflicts && <Conflicts names={conflicts} rows={rows} choice={conflict} onChange={setConflict} />}
        <Failure error={transfer.error} />
      </SpaceBetween>
    </Dialog>
  )
}
