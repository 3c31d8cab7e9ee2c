// Load of one kind for some seconds, over several connections.
import { type LoadAnswer, type LoadRequest, openLoadConnection } from './connection.ts'

export interface Load {
  atOnce: number
  /** A request under way at the end is waited for. */
  seconds: number
  /** Numbers of the operations: from 0 to before this. */
  limit?: number
  request(number: number): LoadRequest
  /** What is no answer to it as it should be does not count as done. */
  isGood(answer: LoadAnswer): boolean
}

export interface LoadResult {
  /** Milliseconds of each that was done, in ascending order. */
  millis: Float64Array
  bodyBytes: number
  seconds: number
  /** Operations from 0 to before this were tried. */
  tried: number
  failed: Set<number>
  failure: string | undefined
}

const MOST_FAILURES = 100

export async function makeLoad(
  origin: string,
  { atOnce, seconds, limit = Infinity, request, isGood }: Load,
): Promise<LoadResult> {
  const millis: number[] = []
  const failed = new Set<number>()
  let failure: string | undefined
  let bodyBytes = 0
  let next = 0
  const beganMs = performance.now()
  const untilMs = beganMs + seconds * 1000

  async function work(): Promise<void> {
    const connection = openLoadConnection(origin)
    while (next < limit && performance.now() < untilMs && failed.size < MOST_FAILURES) {
      const number = next++
      const startedMs = performance.now()
      try {
        const answer = await connection.ask(request(number))
        if (!isGood(answer)) throw new Error(`answered ${answer.status} with ${answer.bodyBytes} bytes`)
        millis.push(performance.now() - startedMs)
        bodyBytes += answer.bodyBytes
      } catch (error) {
        failed.add(number)
        failure ??= (error as Error).message
      }
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const took = (performance.now() - beganMs) / 1000
  return { millis: Float64Array.from(millis).sort(), bodyBytes, seconds: took, tried: next, failed, failure }
}

export function quantile(sorted: Float64Array, part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}
