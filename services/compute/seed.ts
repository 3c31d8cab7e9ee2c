import type { Tx } from '@synnefo/lib/sql'
import { ensureVolumeType } from '@synnefo/volume'
import { allFlavors, insertFlavor } from './store/flavors.ts'

const GIB = 1024

/** Sizes that a new cloud offers: processors, MiB of memory, GiB of disk. */
const FLAVORS = [
  [1, 512, 2],
  [1, 1 * GIB, 5],
  [1, 2 * GIB, 10],
  [2, 2 * GIB, 20],
  [2, 4 * GIB, 40],
  [4, 8 * GIB, 80],
] as const

/** Gives a cloud that has no flavors its first ones. What an administrator deleted stays deleted. */
export async function seedCompute(tx: Tx): Promise<void> {
  if ((await allFlavors(tx)).length > 0) return
  const { id: volumeTypeId, diskTemplate } = await ensureVolumeType(tx, {
    name: 'ext_archipelago',
    diskTemplate: 'ext_archipelago',
  })
  for (const [cpu, ramMib, diskGib] of FLAVORS) {
    await insertFlavor(tx, { cpu, ramMib, diskGib, volumeTypeId, diskTemplate, allowCreate: true, public: true })
  }
}
