// Volumes in memory, without sockets or data: for tests of rooms that only ask for volumes.
import { VolumeBusy, VolumeExists, VolumeMissing } from './errors.ts'
import type { VolumeSpec, Volumes } from './index.ts'
import { checkSpec } from './volume/shelf.ts'

interface Simulated {
  spec: VolumeSpec
  sizeBytes: number
  socketPath?: string
}

export function openSimulated(): Volumes {
  const volumes = new Map<string, Simulated>()

  function find(name: string): Simulated {
    const volume = volumes.get(name)
    if (!volume) throw new VolumeMissing(name)
    return volume
  }

  return {
    async create(spec) {
      checkSpec(spec)
      const found = volumes.get(spec.name)
      if (!found) volumes.set(spec.name, { spec: structuredClone(spec), sizeBytes: spec.sizeBytes })
      else if (found.sizeBytes !== spec.sizeBytes || JSON.stringify(found.spec.source) !== JSON.stringify(spec.source)) {
        throw new VolumeExists(spec.name)
      }
    },
    async serve(name) {
      const volume = find(name)
      volume.socketPath ??= `/simulated/${name}.nbd`
      return volume.socketPath
    },
    async release(name) {
      const volume = volumes.get(name)
      if (volume) volume.socketPath = undefined
    },
    async grow(name, sizeBytes) {
      const volume = find(name)
      if (sizeBytes < volume.sizeBytes) throw new RangeError(`volume ${name} cannot shrink`)
      checkSpec({ ...volume.spec, sizeBytes })
      volume.sizeBytes = sizeBytes
    },
    async remove(name) {
      if (volumes.get(name)?.socketPath !== undefined) throw new VolumeBusy(name)
      volumes.delete(name)
    },
    async list() {
      const byName = [...volumes].sort(([a], [b]) => (a < b ? -1 : 1))
      return byName.map(([name, { sizeBytes, socketPath }]) => ({ name, sizeBytes, ownBytes: 0, socketPath }))
    },
    async close() {
      for (const volume of volumes.values()) volume.socketPath = undefined
    },
  }
}
