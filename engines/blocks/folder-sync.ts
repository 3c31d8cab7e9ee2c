import { open } from 'node:fs/promises'

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Syncs folders for many writers at once. A sync that has begun may miss a name added since, so callers that arrive
 * while one runs share the next one.
 */
export function groupFolderSyncs(sync: (folder: string) => Promise<void> = syncFolder): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>()
  const next = new Map<string, Promise<void>>()

  function begin(folder: string): Promise<void> {
    const current = sync(folder).finally(() => {
      if (running.get(folder) === current) running.delete(folder)
    })
    running.set(folder, current)
    return current
  }

  return (folder) => {
    const shared = next.get(folder)
    if (shared) return shared
    const current = running.get(folder)
    if (!current) return begin(folder)
    const following = current
      .catch(() => undefined) // its failure is told to those who waited for it
      .then(() => {
        next.delete(folder)
        return begin(folder)
      })
    next.set(folder, following)
    return following
  }
}
