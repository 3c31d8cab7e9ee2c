/** The next free name beside one that is taken: `report.pdf` becomes `report (1).pdf`, then `report (2).pdf`. */
export function nextName(name: string): string {
  const [, folder = '', stem = '', number, extension = ''] = /^(.*\/)?(.+?)(?: \((\d+)\))?((?:\.tar)?\.[^./]{1,10})?$/.exec(
    name,
  ) ?? ['', '', name]
  return `${folder}${stem} (${number === undefined ? 1 : Number(number) + 1})${extension}`
}

/** Files that were dropped or chosen, with the folders they came in. */
export interface Chosen {
  file: File
  /** Relative to the folder they go to. */
  path: string
}

/** What was chosen in a file dialog; a chosen folder tells the paths below it. */
export const fromInput = (files: FileList): Chosen[] =>
  Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name }))

/** What was dropped, folders with all that is in them. */
export async function fromDrop(data: DataTransfer): Promise<Chosen[]> {
  // The list empties when the event is over, so the entries are taken first.
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const chosen: Chosen[] = []
  const walk = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      chosen.push({ file, path })
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    // Read until nothing comes: browsers hand out a folder in pieces.
    for (;;) {
      const children = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (children.length === 0) return
      for (const child of children) await walk(child, `${path}/${child.name}`)
    }
  }
  for (const entry of entries) await walk(entry, entry.name)
  return chosen
}
