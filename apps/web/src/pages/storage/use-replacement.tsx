import type { ReactNode } from 'react'
import { useRef } from 'react'
import type { Where } from '../../cloud/files.ts'
import { addReplacement } from '../../uploads/queue.ts'

/** Lets a person choose the new content of an object. The field is to stand somewhere on the page. */
export function useReplacement(where: Where): { replace: (name: string) => void; field: ReactNode } {
  const input = useRef<HTMLInputElement>(null)
  const wanted = useRef('')
  return {
    replace(name) {
      wanted.current = name
      input.current?.click()
    },
    field: (
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="File with the new content"
        onChange={({ target }) => {
          const file = target.files?.[0]
          if (file !== undefined) addReplacement(where, wanted.current, file)
          target.value = '' // so that choosing the same file again is a choice again
        }}
      />
    ),
  }
}
