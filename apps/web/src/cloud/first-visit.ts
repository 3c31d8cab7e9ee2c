import { ensureContainers } from './own-containers.ts'
import { containerList, objectStore, queryClient } from './queries.ts'

/** Reads the person's containers, and makes these first where they are not there yet. */
export async function withContainers(names: readonly string[]): Promise<void> {
  const containers = await queryClient.ensureQueryData(containerList)
  if (names.every((name) => containers.some((container) => container.name === name))) return
  await ensureContainers(objectStore(), names)
  await queryClient.fetchQuery({ ...containerList, staleTime: 0 })
}
