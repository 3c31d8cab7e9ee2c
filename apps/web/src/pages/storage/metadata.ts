// Metadata of an object as a list that a person edits.
import type { Metadata } from '@synnefo/clients/object-store'
import { normalisedHeader } from '@synnefo/object-store/wire/header-names.ts'
import { metadataRefusal } from '@synnefo/object-store/wire/limits.ts'
import { CAME_FROM } from './trash.ts'

export interface Item {
  name: string
  value: string
}

/** What the page writes for itself is no matter of people. */
export const itemsOf = (metadata: Metadata): Item[] =>
  Object.entries(metadata)
    .filter(([name]) => name !== CAME_FROM)
    .map(([name, value]) => ({ name, value }))

const keyOf = (name: string) => normalisedHeader(name.trim())

/** What is wrong with an item, by the field; a line that is not begun is as if it were not there. */
export function problemOf(item: Item, items: readonly Item[]): { name?: string; value?: string } | undefined {
  const { name, value } = item
  if (name.trim() === '') return value.trim() === '' ? undefined : { name: 'A name is needed.' }
  const same = items.filter((each) => keyOf(each.name) === keyOf(name))
  if (same.length > 1) return { name: 'There are two of this name.' }
  if (keyOf(name) === CAME_FROM) return { name: 'This name is taken.' }
  if (value.trim() === '') return { value: 'A value is needed.' }
  const wrongName = metadataRefusal(keyOf(name), '')
  if (wrongName) return { name: wrongName }
  const wrongValue = metadataRefusal('', value.trim())
  return wrongValue ? { value: wrongValue } : undefined
}

/** What is to be sent: new and changed values, and nothing for what goes. */
export function changesOf(before: Metadata, items: readonly Item[]): Metadata {
  const wanted = new Map(
    items.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [keyOf(name), value.trim()] as const),
  )
  const gone = itemsOf(before).filter(({ name }) => !wanted.has(name))
  const changes = [...wanted].filter(([name, value]) => before[name] !== value)
  return Object.fromEntries([...gone.map(({ name }) => [name, ''] as const), ...changes])
}
