// The door of the object store: what other services and the apps may call.
export type { Sharing } from './access.ts'
export { fixConfiguration } from './configuration.ts'
export { holdMap, type OpenedMap, openMap, releaseMap, type UnusedBlock, unusedBlocks, unusedMaps } from './maps.ts'
export type { MetadataChange } from './metadata.ts'
export type { Place } from './names.ts'
export { type ObjectStore, openObjectStore } from './open.ts'
export { checkReaches } from './reach.ts'
export {
  type Asker,
  changeDomain,
  firstBytes,
  objectAt,
  objectByUuid,
  objectsOfDomain,
  permissionsAt,
  type StoredObject,
  setPermissionsAt,
} from './services.ts'
export { type ObjectStoreSettings, objectStoreSettings } from './settings/index.ts'
export { obsoleteSettings } from './settings/obsolete.ts'
export { countDamage } from './store/damage.ts'
export { openToEverybody } from './store/permissions.ts'

export const migrations = { service: 'object-store', folder: new URL('./store/migrations/', import.meta.url) }
