import { Upload } from 'lucide-react'
import type { DragEvent, ReactNode } from 'react'
import { useState } from 'react'
import type { Chosen } from '../../uploads/names.ts'
import { fromDrop } from '../../uploads/names.ts'

/** Takes files and folders that are dragged onto what it holds. Everything here can be done with the upload button as well. */
export function DropZone({ onFiles, children }: { onFiles: (files: Chosen[]) => void; children: ReactNode }) {
  const [over, setOver] = useState(false)
  const carriesFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files')
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is an addition to the button
    <div
      className="drop-zone"
      onDragOver={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false)
      }}
      onDrop={async (event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setOver(false)
        onFiles(await fromDrop(event.dataTransfer))
      }}
    >
      {children}
      {over && (
        <div className="drop-hint">
          <Upload size={28} aria-hidden />
          Drop to upload here
        </div>
      )}
    </div>
  )
}
