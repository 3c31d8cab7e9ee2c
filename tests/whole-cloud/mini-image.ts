import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface MiniImage {
  imagePath: string
  sizeBytes: number
  properties: Record<string, string>
}

const checkout = join(import.meta.dirname, '../..')

/** Built once for all tests of this checkout; the packages it is made of are kept beside the dependencies. */
export async function miniImage(): Promise<MiniImage> {
  const cache = join(checkout, 'node_modules/.cache/synnefo-tests')
  await mkdir(cache, { recursive: true })
  const build = [join(checkout, 'synnefo'), 'image', 'build', 'mini', '--out', join(cache, 'mini.img'), '--cache', cache]
  // One at a time: test files run side by side. The image is replaced as a whole, by the same bytes.
  const { stdout } = await promisify(execFile)('flock', [join(cache, 'lock'), ...build])
  return JSON.parse(stdout) as MiniImage
}
