/** Bytes that arrive. */
export interface Body extends AsyncIterable<Buffer> {
  /**
   * The same without a promise for each chunk, where the source can: `take` answers one only when the source should
   * wait. A large body comes in ten thousands of chunks.
   */
  eachChunk?(take: (chunk: Buffer) => Promise<void> | undefined): Promise<void>
}

export async function eachChunk(body: Body, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  if (body.eachChunk) return body.eachChunk(take)
  for await (const chunk of body) await take(chunk)
}
