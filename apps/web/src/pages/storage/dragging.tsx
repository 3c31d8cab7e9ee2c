// Moving by dragging, beside the menu: what is dragged is known to the page, the browser is only told that it is files of this page.
import type { DragEvent, ReactNode } from 'react'
import { useState } from 'react'

const KIND = 'application/x-synnefo-files'

/** What makes an element be dragged. */
export const draggedBy = (onStart: () => void) => ({
  draggable: true,
  onDragStart(event: DragEvent) {
    event.dataTransfer.setData(KIND, '1')
    event.dataTransfer.effectAllowed = 'move'
    onStart()
  },
})

/** Takes files of this page that are dropped on it. */
export function DropTarget({ onDrop, children }: { onDrop: () => void; children: ReactNode }) {
  const [over, setOver] = useState(false)
  const carries = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes(KIND)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is an addition to the menu
    <span
      className={over ? 'drop-target drop-target-over' : 'drop-target'}
      onDragOver={(event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(false)
        onDrop()
      }}
    >
      {children}
    </span>
  )
}
