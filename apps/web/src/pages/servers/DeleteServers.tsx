import type { Server } from '@synnefo/clients/compute'
import { compute } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { count } from '../../ui/format.ts'

export function DeleteServers({ servers, onDone, onClose }: { servers: Server[]; onDone?: () => void; onClose: () => void }) {
  const [only] = servers
  return (
    <Confirm
      title={servers.length === 1 ? `Delete “${only?.name}”?` : `Delete ${count(servers.length, 'server')}?`}
      act={servers.length === 1 ? 'Delete server' : 'Delete servers'}
      onConfirm={async () => {
        try {
          for (const { id } of servers) await compute.deleteServer(id)
        } finally {
          await changed('servers')
        }
      }}
      onDone={onDone}
      onClose={onClose}
    >
      {servers.length === 1
        ? 'The server and its disks are'
        : `These servers and their disks are: ${servers.map(({ name }) => name).join(', ')}. They are`}{' '}
      deleted with all that is on them. Programs on them are not asked first.
    </Confirm>
  )
}
