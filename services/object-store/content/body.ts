/** Bytes that arrive. */
export interface Body extends AsyncIterable<Buffer> {
  /**
   * The same without a promise for each chunk, where the source can: `take` answers one only when the source should
   * wait. A large body comes in ten thousands of chunks.
   */
  eachChunk?(take: (chunk: Buffer) => Promise<void> | undefined): Promise<void>
  /**
   * Another way, for large bodies: memory of the receiver is filled, with nothing in between. Answers undefined, and
   * has taken nothing, where the source cannot.
   */
  beginFilling?(): Promise<Filling | undefined>
}

export interface Filling {
  /** Of the body. */
  readonly leftBytes: number
  /** Fills shared memory, all of it unless the body ends before; answers how many bytes. It is not touched once this settles. */
  fill(into: Buffer): Promise<number>
  /** To be called when nothing more is wanted, whatever the reason. Fails when what was filled is not to be trusted. */
  end(): void
}

export async function eachChunk(body: Body, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  if (body.eachChunk) return body.eachChunk(take)
  for await (const chunk of body) await take(chunk)
}
