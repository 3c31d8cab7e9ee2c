import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { Server } from '@synnefo/clients/compute'
import { describeBuild, describeError, describeState } from '../../cloud/servers.ts'
import './servers.css'

/** What a server is doing, and while it is being built or has failed, a word more. */
export function ServerState({ server }: { server: Server }) {
  const { text, indicator } = describeState(server)
  const more = server.status === 'BUILD' ? describeBuild(server) : server.status === 'ERROR' ? describeError(server) : undefined
  return (
    <span className="server-state">
      <StatusIndicator type={indicator}>{text}</StatusIndicator>
      {more !== undefined && <span className="soft small server-state-more">{more}</span>}
    </span>
  )
}
