// Hashes one file away from the page, which stays quick meanwhile.
import { digest } from './digest.ts'
import { hashBlocks } from './hash.ts'

export interface HashRequest {
  file: Blob
  blockSize: number
}
export type HashAnswer = { hashed: number } | { hashes: string[] } | { failure: string }

const page = self as unknown as { postMessage(answer: HashAnswer): void }

self.onmessage = async ({ data: { file, blockSize } }: MessageEvent<HashRequest>) => {
  try {
    const hashes = await hashBlocks(file, blockSize, digest, { onProgress: (hashed) => page.postMessage({ hashed }) })
    page.postMessage({ hashes })
  } catch (error) {
    page.postMessage({ failure: error instanceof Error ? error.message : String(error) })
  }
}
