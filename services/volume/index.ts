// The door of the volume service: what other services and the apps may call.
export {
  createServerVolumes,
  deleteServerVolumes,
  diskSpecsOfServer,
  type NewServerVolumes,
  type ServerVolume,
  settleServerVolumes,
  volumesOfServers,
} from './server-volumes.ts'
export { type VolumeSettings, volumeSettings } from './settings.ts'
export type { VolumeTypeRow as VolumeType } from './store/types.ts'
export { ensureVolumeType, volumeTypes } from './types.ts'
export type { VolumeService } from './volume.ts'

export const migrations = { service: 'volume', folder: new URL('./store/migrations/', import.meta.url) }
