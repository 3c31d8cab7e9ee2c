import type { Server } from '@synnefo/clients/compute'
import { compute } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { AskName } from '../../ui/AskName.tsx'

export function RenameServer({ server, onClose }: { server: Server; onClose: () => void }) {
  return (
    <AskName
      title="Rename the server"
      label="Name"
      constraint="Its host name stays as it is."
      act="Rename"
      initial={server.name}
      onAnswer={async (name) => {
        await compute.renameServer(server.id, name)
        await changed('servers')
      }}
      onClose={onClose}
    />
  )
}
