import { useState } from 'react'
import { useNavigate } from 'react-router'
import { changed, containerList, me, objectStore, queryClient } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'
import { ProjectSelect } from './ProjectSelect.tsx'
import { containerAddress } from './places.ts'

export function CreateContainer({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const [project, setProject] = useState(me().uuid)
  return (
    <AskName
      title="Create a container"
      label="Name"
      constraint="Up to 256 characters, without slashes."
      act="Create container"
      problem={(name) => {
        if (name.includes('/')) return 'A name cannot hold a slash'
        const taken = queryClient.getQueryData(containerList.queryKey)?.some((container) => container.name === name)
        return taken ? 'There is a container of this name' : undefined
      }}
      onAnswer={async (name) => {
        await objectStore().createContainer(name, { project })
        await changed('objects')
        await navigate(containerAddress(name))
      }}
      onClose={onClose}
    >
      <ProjectSelect project={project} onChange={setProject} />
    </AskName>
  )
}
