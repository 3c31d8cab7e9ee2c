// The order in which files are shown, and how.
import type { Row } from './rows.ts'

export type OrderKey = 'name' | 'type' | 'size' | 'changed'

export interface Order {
  by: OrderKey
  descending: boolean
}

export const BY_NAME: Order = { by: 'name', descending: false }

export const ORDERS: { key: OrderKey; label: string }[] = [
  { key: 'name', label: 'Name' },
  { key: 'type', label: 'Type' },
  { key: 'size', label: 'Size' },
  { key: 'changed', label: 'Changed' },
]

const text = (one: string, other: string) => one.localeCompare(other, undefined, { numeric: true })
const files = (compare: (one: Row & { kind: 'object' }, other: Row & { kind: 'object' }) => number) => (one: Row, other: Row) =>
  one.kind === 'object' && other.kind === 'object' ? compare(one, other) : 0

const COMPARE: Record<OrderKey, (one: Row, other: Row) => number> = {
  name: () => 0,
  type: files((one, other) => text(one.object.content_type, other.object.content_type)),
  size: files((one, other) => one.object.bytes - other.object.bytes),
  changed: files((one, other) => Date.parse(one.object.last_modified) - Date.parse(other.object.last_modified)),
}

/** Folders come first in every order; what is alike stands by name. */
export function inOrder(rows: Row[], { by, descending }: Order): Row[] {
  const sign = descending ? -1 : 1
  return rows.toSorted((one, other) => {
    if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1
    const byName = text(one.label, other.label)
    return by === 'name' ? sign * byName : sign * COMPARE[by](one, other) || byName
  })
}

export interface View {
  layout: 'list' | 'grid'
  order: Order
}

const KEY = 'files-view'

/** What was chosen on this computer. */
export function recallView(): View {
  const plain: View = { layout: 'list', order: BY_NAME }
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<View>
    const known = ORDERS.some(({ key }) => key === kept.order?.by)
    return {
      layout: kept.layout === 'grid' ? 'grid' : 'list',
      order: known ? { by: kept.order!.by, descending: kept.order!.descending === true } : BY_NAME,
    }
  } catch {
    return plain // storage may be forbidden, or hold something else
  }
}

export function keepView(view: View) {
  try {
    localStorage.setItem(KEY, JSON.stringify(view))
  } catch {
    // Then it is chosen again the next time.
  }
}
