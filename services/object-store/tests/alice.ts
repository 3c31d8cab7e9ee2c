// Most tests begin with a person who has a container.
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect } from 'vitest'
import { openTestCloud, type TestClient, type TestObjectStoreOptions } from '../testing.ts'

export const TEXT = { 'Content-Type': 'text/plain' }

export async function openAlice(onTestFinished: OnTestFinished, options?: TestObjectStoreOptions) {
  const cloud = await openTestCloud(onTestFinished, options)
  const alice = await cloud.user()
  expect((await alice.send('PUT', 'pithos')).status).toBe(201)
  return { cloud, alice }
}

export function put(who: TestClient, name: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return who.send('PUT', `pithos/${name}`, { headers: { ...TEXT, ...headers }, body })
}

export interface Listed {
  name?: string
  subdir?: string
}

/** Names and folders of a listing, in the order of the answer. */
export async function list(who: TestClient, query: string, container = 'pithos'): Promise<string[]> {
  const answer = await who.send('GET', `${container}?format=json&${query}`)
  expect(answer.status).toBe(200)
  return (answer.json() as Listed[]).map(({ name, subdir }) => name ?? `${subdir} …`)
}
