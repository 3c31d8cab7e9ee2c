import type { DragEvent, ReactNode } from 'react'
import { useState } from 'react'

interface DropAreaProps {
  /** What is taken: a kind that `DataTransfer.types` lists. */
  kind: string
  onDrop: (dropped: DataTransfer) => void
  className?: string
  /** Within a line of text. */
  inline?: boolean
  /** Shown with the knowledge that something is held over it. */
  children: (over: boolean) => ReactNode
}

/** Takes what is dragged onto it. Whatever is done by dragging can be done by a button or a menu as well. */
export function DropArea({ kind, onDrop, className, inline = false, children }: DropAreaProps) {
  const [over, setOver] = useState(false)
  const carries = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes(kind)
  const Element = inline ? 'span' : 'div'
  return (
    <Element
      className={className}
      onDragOver={(event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false)
      }}
      onDrop={(event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(false)
        onDrop(event.dataTransfer)
      }}
    >
      {children(over)}
    </Element>
  )
}
