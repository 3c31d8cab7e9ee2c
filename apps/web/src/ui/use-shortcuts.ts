import { useEffect, useRef } from 'react'

/** What is done by Alt and a key; the keys are those of `KeyboardEvent.code`, such as `KeyN`, wherever a keyboard has them. */
export type Shortcuts = Record<string, () => void>

/** While a dialog is open, its keys are its own; where somebody writes, Alt and a key may be a letter. */
const isBusy = () =>
  document.querySelector('[role=dialog]') !== null || document.activeElement?.matches('input, textarea, [contenteditable=true]')

export function useShortcuts(shortcuts: Shortcuts) {
  const latest = useRef(shortcuts)
  latest.current = shortcuts
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      const act = latest.current[event.code]
      if (act === undefined || isBusy()) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
