// Uploads that a closed page interrupted, remembered on this computer. What had arrived is in the cloud; the file has to be chosen again,
// since a page may not open files by itself.

export interface Interrupted {
  account: string
  /** Of the container, when that is somebody else. */
  owner?: string | undefined
  container: string
  name: string
  size: number
  lastModified: number
}

const KEY = 'uploads'

export function listInterrupted(account: string): Interrupted[] {
  return read().filter((entry) => entry.account === account)
}

export function remember(entry: Interrupted) {
  write([...read().filter((other) => !isSame(other, entry)), entry])
}

export function forget(entry: Place) {
  write(read().filter((other) => !isSame(other, entry)))
}

type Place = Pick<Interrupted, 'account' | 'owner' | 'container' | 'name'>

const isSame = (a: Place, b: Place) =>
  a.account === b.account && a.owner === b.owner && a.container === b.container && a.name === b.name

function read(): Interrupted[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Interrupted[]
  } catch {
    return []
  }
}

function write(entries: Interrupted[]) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries.slice(-50)))
  } catch {
    // Storage may be forbidden or full: then nothing is remembered, and choosing the file again works all the same.
  }
}
