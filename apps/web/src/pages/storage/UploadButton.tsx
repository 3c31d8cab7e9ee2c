import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import { useRef } from 'react'
import type { Chosen } from '../../uploads/names.ts'
import { fromInput } from '../../uploads/names.ts'

export function UploadButton({ onFiles }: { onFiles: (files: Chosen[]) => void }) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = ({ target }: { target: HTMLInputElement }) => {
    if (target.files !== null && target.files.length > 0) onFiles(fromInput(target.files))
    target.value = '' // so that choosing the same file again is a choice again
  }
  return (
    <>
      <ButtonDropdown
        variant="primary"
        expandToViewport
        mainAction={{ text: 'Upload', iconName: 'upload', onClick: () => files.current?.click() }}
        ariaLabel="More ways to upload"
        items={[
          { id: 'files', text: 'Files' },
          { id: 'folder', text: 'A folder with everything in it' },
        ]}
        onItemClick={({ detail }) => (detail.id === 'folder' ? folder : files).current?.click()}
      />
      <input
        ref={files}
        type="file"
        multiple
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Files to upload"
        onChange={take}
      />
      <input
        ref={folder}
        type="file"
        {...{ webkitdirectory: '' }}
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Folder to upload"
        onChange={take}
      />
    </>
  )
}
