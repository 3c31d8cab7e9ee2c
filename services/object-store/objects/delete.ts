import { noObject, notAllowed } from '../access.ts'
import { checkPlace, type Place } from '../names.ts'
import type { ObjectStore } from '../open.ts'
import { tombstone } from './put-version.ts'

/** Only the owner deletes. The version becomes history, where the container keeps any. Answers the mark of deletion. */
export async function deleteObject(store: ObjectStore, userId: string, place: Place): Promise<bigint> {
  checkPlace(place)
  if (place.account !== userId) throw notAllowed()
  return store.change({
    userId,
    places: [place],
    charges: true,
    decide(ground) {
      const { container } = ground.enter(place, 'write')
      const current = ground.current(place)
      if (!current) throw noObject(place.name)
      const [mark] = ground.change(userId, [{ container, name: place.name, next: tombstone(userId, current) }])
      return () => mark!.id
    },
  })
}
