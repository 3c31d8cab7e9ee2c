import RadioGroup from '@cloudscape-design/components/radio-group'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import type { ObjectPlace } from '@synnefo/clients/object-store'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { HOME } from '../../cloud/own-containers.ts'
import { changed, containerList, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { count } from '../../ui/format.ts'
import { Conflicts } from './Conflicts.tsx'
import type { Row } from './rows.ts'
import { Target } from './Target.tsx'
import { destinationOf, isTaken, KEEP_BOTH, placeBy } from './transfers.ts'
import { originsOf, takeBack } from './trash.ts'

const MOST_NAMED = 5

/** Asks where things from the trash go: to where each was, if that is known, or to a folder. */
export function TakeBack({ rows, onDone, onClose }: { rows: Row[]; onDone: () => void; onClose: () => void }) {
  const { data: origins, error } = useQuery({
    queryKey: ['objects', 'origins', ...rows.map(({ name }) => name)],
    queryFn: () => originsOf(objectStore(), rows),
  })
  const unknown = rows.filter(({ name }) => !origins?.get(name))
  const [chosen, setChosen] = useState<'origin' | 'folder'>('origin')
  const way = unknown.length > 0 ? 'folder' : chosen
  const [target, setTarget] = useState<ObjectPlace>({ container: HOME, name: '' })
  const [conflict, setConflict] = useState(KEEP_BOTH)
  const [conflicts, setConflicts] = useState<string[]>()
  const restore = useMutation({
    async mutationFn() {
      const store = objectStore()
      const wanted = rows.map((row) => ({ row, place: way === 'origin' ? origins!.get(row.name)! : destinationOf(row, target) }))
      const there = new Set((await store.listContainers()).map(({ name }) => name))
      if (conflicts === undefined) {
        const taken: string[] = []
        for (const { place } of wanted)
          if (there.has(place.container) && (await isTaken(store, place))) taken.push(`${place.container}/${place.name}`)
        if (taken.length > 0) return setConflicts(taken)
      }
      for (const { row, place } of wanted) {
        await takeBack(store, [{ row, place: there.has(place.container) ? await placeBy(store, place, conflict) : place }])
      }
      onClose()
      onDone()
    },
    onSettled: () => changed('objects'),
  })
  const again = () => {
    setConflicts(undefined)
    restore.reset()
  }
  return (
    <Dialog
      title={rows.length === 1 ? `Restore “${rows[0]!.label}”` : `Restore ${count(rows.length, 'item')}`}
      act="Restore"
      acting={restore.isPending}
      ready={origins !== undefined}
      onAct={() => restore.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        {error ? (
          <Failure error={error} />
        ) : origins === undefined ? (
          <Spinner />
        ) : unknown.length === 0 ? (
          <RadioGroup
            ariaLabel="Where it goes"
            value={way}
            onChange={({ detail }) => {
              setChosen(detail.value as typeof chosen)
              again()
            }}
            items={[
              {
                value: 'origin',
                label: 'To where it was',
                description: <Origins places={rows.flatMap(({ name }) => origins.get(name) ?? [])} />,
              },
              { value: 'folder', label: 'To another folder' },
            ]}
          />
        ) : (
          <p className="soft breakable">
            It is not known where {unknown.length === rows.length ? 'this' : `“${unknown[0]!.label}”`} was. Choose a folder.
          </p>
        )}
        {origins !== undefined && way === 'folder' && (
          <Target
            target={target}
            problem={undefined}
            onChange={(place) => {
              setTarget(place)
              again()
            }}
          />
        )}
        {conflicts && <Conflicts names={conflicts} rows={rows} choice={conflict} onChange={setConflict} />}
        <Failure error={restore.error} />
      </SpaceBetween>
    </Dialog>
  )
}

/** Where things were, and which containers are made anew for them. */
function Origins({ places }: { places: ObjectPlace[] }) {
  const { data: containers } = useQuery(containerList)
  const gone = new Set(places.map(({ container }) => container).filter((name) => !containers?.some((each) => each.name === name)))
  return (
    <span className="breakable">
      {places
        .slice(0, MOST_NAMED)
        .map(({ container, name }) => `${container}/${name}`)
        .join(', ')}
      {places.length > MOST_NAMED ? ` and ${(places.length - MOST_NAMED).toLocaleString()} more` : ''}
      {containers && gone.size > 0 ? `. Made anew: ${[...gone].join(', ')}` : ''}
    </span>
  )
}
