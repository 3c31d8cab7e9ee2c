import { Upload } from 'lucide-react'
import type { ReactNode } from 'react'
import { DropArea } from '../../ui/DropArea.tsx'
import type { Chosen } from '../../uploads/names.ts'
import { fromDrop } from '../../uploads/names.ts'

/** Takes files and folders of the computer, to be uploaded. */
export function DropZone({ onFiles, children }: { onFiles: (files: Chosen[]) => void; children: ReactNode }) {
  return (
    <DropArea className="drop-zone" kind="Files" onDrop={async (dropped) => onFiles(await fromDrop(dropped))}>
      {(over) => (
        <>
          {children}
          {over && (
            <div className="drop-hint">
              <Upload size={28} aria-hidden />
              Drop to upload here
            </div>
          )}
        </>
      )}
    </DropArea>
  )
}
