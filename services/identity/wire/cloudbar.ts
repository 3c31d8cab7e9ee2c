// How components appear in the bar that all pages share, and on the overview: what is built in, for operators to
// override.

export interface ComponentPresentation {
  order: number
  verbose_name: string
  cloudbar: { show: boolean; title: string; name?: string; icon?: string }
  dashboard: { show: boolean; order: number; description: string; icon?: string }
}

type Overrides<T> = { [Key in keyof T]?: T[Key] extends object ? Overrides<T[Key]> : T[Key] }

const KNOWN: Readonly<Record<string, Overrides<ComponentPresentation>>> = {
  astakos: {
    order: 1,
    verbose_name: 'Astakos',
    cloudbar: { show: false },
    dashboard: { order: 3, description: 'Your account, what you use of your resources, and projects to share them with others.' },
  },
  pithos: {
    order: 2,
    verbose_name: 'Pithos',
    dashboard: { order: 1, description: 'Your files: keep them, share them, and have them wherever you are.' },
  },
  cyclades: {
    order: 3,
    verbose_name: 'Cyclades',
    dashboard: { order: 2, description: 'Your servers, networks and volumes.' },
  },
}

/** Far behind those that are known. */
const LAST = 1000

export function presentComponent(name: string, overrides: unknown): ComponentPresentation {
  const builtIn: ComponentPresentation = {
    order: LAST,
    verbose_name: name.charAt(0).toUpperCase() + name.slice(1),
    cloudbar: { show: true, title: name },
    dashboard: { show: true, order: LAST, description: '' },
  }
  return mergeDeep(mergeDeep(builtIn, KNOWN[name]), overrides) as ComponentPresentation
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first value with what the second says otherwise, at any depth. Neither is changed. */
export function mergeDeep(value: unknown, overrides: unknown): unknown {
  if (overrides === undefined) return value
  if (!isObject(value) || !isObject(overrides)) return overrides
  const names = new Set([...Object.keys(value), ...Object.keys(overrides)])
  return Object.fromEntries([...names].map((name) => [name, mergeDeep(value[name], overrides[name])]))
}
