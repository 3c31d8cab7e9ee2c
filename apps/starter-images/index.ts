// The images that a new cloud can start with. Each one is built from Debian's packages into a disk image, together
// with the properties under which it is registered.
import { buildMini } from './mini/build.ts'

export interface StarterImage {
  /** The name to register it under. */
  name: string
  /** A whole disk (disk format diskdump). */
  imagePath: string
  sizeBytes: number
  /** Image properties as the image API takes them. */
  properties: Record<string, string>
}

export interface BuildOptions {
  /** Where the finished image goes; replaced only when the new one is whole. */
  imagePath: string
  /** Keeps what was downloaded and unpacked. */
  cacheFolder: string
  /** Told each step, for a person who waits. */
  onStep?: (step: string) => void
}

export const starterImages = {
  mini: { summary: 'A Linux of some tens of MB with an SSH server, at its login prompt within seconds', build: buildMini },
} as const satisfies Record<string, { summary: string; build: (options: BuildOptions) => Promise<StarterImage> }>

export { buildMini }
