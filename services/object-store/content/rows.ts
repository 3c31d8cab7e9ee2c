// Small contents lie in rows of the database, encrypted like blocks where the cloud encrypts.
import type { Blocks } from '@synnefo/engine-blocks'

/** Content as it is put into a row, and as it is when it was read from one: the same is done both times. */
export function cryptRow<Content extends Buffer | null>(
  { cipher }: Pick<Blocks, 'cipher'>,
  hash: string,
  content: Content,
): Buffer | Content {
  return content && cipher ? cipher.apply(hash, content) : content
}
