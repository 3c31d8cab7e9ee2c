// Dark or light: as the system says until chosen here, and then remembered on this computer. `theme.js` does the same before the first paint.
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

export function chosenTheme(): Theme {
  try {
    const chosen = localStorage.getItem('theme')
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
  } catch {
    return 'system'
  }
}

export function chooseTheme(theme: Theme) {
  try {
    if (theme === 'system') localStorage.removeItem('theme')
    else localStorage.setItem('theme', theme)
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
  apply(theme)
}

function apply(theme: Theme) {
  const dark = theme === 'dark' || (theme === 'system' && system.matches)
  document.body.classList.toggle('awsui-dark-mode', dark)
  for (const tell of listeners) tell()
}

system.addEventListener('change', () => apply(chosenTheme()))

export function useTheme(): Theme {
  return useSyncExternalStore((tell) => {
    listeners.add(tell)
    return () => listeners.delete(tell)
  }, chosenTheme)
}
