// What may go wrong between us and a provider, in words for the person who waits in front of it.
import { Fault } from '@synnefo/lib/fault'
import * as client from 'openid-client'
import { notStartedHere } from './handshakes.ts'

export interface ProviderOptions {
  /** For tests: providers on this machine may be asked without encryption. */
  plainHttpOnLoopback: boolean
}

export const TIMEOUT_SECONDS = 10

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/** Whether the address may be asked without encryption. */
export function loopbackOnly({ protocol, hostname }: URL, { plainHttpOnLoopback }: ProviderOptions): boolean {
  return plainHttpOnLoopback && protocol === 'http:' && LOOPBACK.includes(hostname)
}

/** Tells a refusal from a provider that is down, and both from an answer that nobody here asked for. */
export async function explainFailure<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw error
    if (error instanceof client.AuthorizationResponseError) {
      if (error.error === 'access_denied') {
        throw new Fault('forbidden', `${title} was not allowed to tell who you are. Nothing was changed.`, { cause: error })
      }
      throw new Fault('badRequest', `${title} refused the sign-in (${printable(error.error)}). Try again.`, { cause: error })
    }
    if (isUnreachable(error)) {
      throw new Fault('serviceUnavailable', `${title} does not answer. Try again in a while, or sign in in another way.`, {
        cause: error,
      })
    }
    if (error instanceof client.ResponseBodyError || error instanceof client.ClientError) {
      // A used or foreign code, a wrong state or nonce, a signature that does not hold.
      throw notStartedHere(error)
    }
    throw new Fault('badRequest', `${title} gave an answer that cannot be used. Try again.`, { cause: error })
  }
}

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true
  if ('code' in error && (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM')) return true
  const { cause } = error
  if (cause instanceof Error && 'syscall' in cause) return true
  return error instanceof TypeError && error.message === 'fetch failed'
}

const printable = (word: string) => word.replace(/[^\w. -]/g, '').slice(0, 60)
