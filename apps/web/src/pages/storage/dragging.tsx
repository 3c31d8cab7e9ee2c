// Moving by dragging, beside the menu: what is dragged is known to the page, the browser is only told that it is files of this page.
import type { DragEvent, ReactNode } from 'react'
import { DropArea } from '../../ui/DropArea.tsx'

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
  return (
    <DropArea kind={KIND} inline onDrop={onDrop}>
      {(over) => <span className={over ? 'drop-target-over' : undefined}>{children}</span>}
    </DropArea>
  )
}
