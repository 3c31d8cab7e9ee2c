import { randomFillSync } from 'node:crypto'

/**
 * Random bytes, none of them zero. Zeros at the end of a block are neither stored nor part of its name: content that
 * happens to have one there, as one block in 256 does, is shorter on disk than a test expects, and named otherwise.
 */
export function randomContent(bytes: number): Buffer<ArrayBuffer> {
  const content = randomFillSync(Buffer.alloc(bytes))
  for (let at = content.indexOf(0); at >= 0; at = content.indexOf(0, at)) content[at] = 1
  return content
}
