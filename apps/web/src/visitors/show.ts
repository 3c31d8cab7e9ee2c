import type { Challenge, Shown } from '@synnefo/clients/account'
import { account } from '../cloud/connection.ts'
import type { SolveAnswer } from './solve-worker.ts'

/** Does what the cloud asks of a visitor before it takes a form. */
export async function showNoMachine(): Promise<Shown> {
  const task = await account.whatToShow()
  switch (task.kind) {
    case 'nothing':
      return {}
    case 'work':
      return { work: await solve(task.challenge) }
    case 'recaptcha':
      return { recaptcha: await (await import('./recaptcha.ts')).passRecaptcha(task) }
  }
}

function solve(challenge: Challenge): Promise<string> {
  const worker = new Worker(new URL('./solve-worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  worker.onmessage = ({ data }: MessageEvent<SolveAnswer>) =>
    'work' in data ? resolve(data.work) : reject(new Error(`The browser could not do what it was asked: ${data.failure}`))
  worker.onerror = (event) => reject(new Error(event.message || 'The browser could not do what it was asked'))
  worker.postMessage(challenge)
  return promise.finally(() => worker.terminate())
}
