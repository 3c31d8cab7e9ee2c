import { PATIENCE_MS } from '@synnefo/lib/testing'

/** Waits for a state; fails with its name when it does not come. */
export async function until(what: string, isSo: () => Promise<boolean>, timeoutMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
