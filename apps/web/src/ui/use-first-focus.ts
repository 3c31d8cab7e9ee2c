import type { InputProps } from '@cloudscape-design/components/input'
import { useEffect, useRef } from 'react'

/** For the field of a dialog that is written in first: the dialog itself would put the focus on its close button. */
export function useFirstFocus() {
  const field = useRef<InputProps.Ref>(null)
  useEffect(() => {
    const frame = requestAnimationFrame(() => field.current?.focus())
    return () => cancelAnimationFrame(frame)
  }, [])
  return field
}
