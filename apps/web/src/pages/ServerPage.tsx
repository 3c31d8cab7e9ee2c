import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import Container from '@cloudscape-design/components/container'
import ProgressBar from '@cloudscape-design/components/progress-bar'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Tabs from '@cloudscape-design/components/tabs'
import type { Server } from '@synnefo/clients/compute'
import { ApiError } from '@synnefo/clients/http'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { lazy, Suspense, useState } from 'react'
import type { LoaderFunctionArgs } from 'react-router'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { flavorList, imageList, networkList, queryClient, serverDetail, volumeList } from '../cloud/queries.ts'
import { refusalOf } from '../cloud/server-actions.ts'
import { describeBuild, describeError, describeState } from '../cloud/servers.ts'
import { Page } from '../ui/Page.tsx'
import NotFoundPage from './NotFoundPage.tsx'
import { DeleteServers } from './servers/DeleteServers.tsx'
import { Diagnostics } from './servers/Diagnostics.tsx'
import { RenameServer } from './servers/RenameServer.tsx'
import { ServerOverview } from './servers/ServerOverview.tsx'
import { POWER, POWER_ACTIONS, useServerActions } from './servers/use-server-actions.ts'
import './servers/servers.css'

const GraphicalConsole = lazy(() => import('../consoles/GraphicalConsole.tsx'))
const SerialConsole = lazy(() => import('../consoles/SerialConsole.tsx'))

export const loader = ({ params }: LoaderFunctionArgs) => {
  const id = Number(params['id'])
  if (!Number.isSafeInteger(id) || id < 0) throw new ApiError(404, 'itemNotFound', 'There is no such server.')
  return Promise.all([
    queryClient.fetchQuery({ ...serverDetail(id), staleTime: 2_000 }),
    queryClient.ensureQueryData(flavorList),
    queryClient.ensureQueryData(imageList),
    queryClient.ensureQueryData(networkList),
    queryClient.ensureQueryData(volumeList),
  ])
}

export default function ServerPage() {
  const id = Number(useParams()['id'])
  const { data: server, error } = useQuery(serverDetail(id))
  if ((error instanceof ApiError && error.status === 404) || server?.status === 'DELETED' || server === undefined) {
    return <NotFoundPage reason="This server has been deleted." />
  }
  return <ServerDetail key={id} server={server} />
}

function ServerDetail({ server }: { server: Server }) {
  const navigate = useNavigate()
  const [parameters, setParameters] = useSearchParams()
  const [dialog, setDialog] = useState<'delete' | 'rename'>()
  const { act, isAsking, failureOf, forget } = useServerActions()
  const { text, indicator } = describeState(server)
  const failure = failureOf(server)
  const noConsole = refusalOf('CONSOLE', server)
  const consoleTab = (content: ReactNode) => ({
    disabled: noConsole !== undefined,
    disabledReason: noConsole,
    content: <Suspense fallback={<div className="console-waiting" />}>{content}</Suspense>,
  })
  const tab = parameters.get('tab') ?? 'overview'

  return (
    <Page
      title={server.name}
      description={<StatusIndicator type={indicator}>{text}</StatusIndicator>}
      crumbs={[{ text: 'Servers', to: '/servers' }]}
      actions={
        <>
          {POWER_ACTIONS.map((action) => {
            const reason = refusalOf(action, server)
            return (
              <Button
                key={action}
                disabled={reason !== undefined || isAsking(server)}
                disabledReason={reason}
                onClick={() => void act(action, server)}
              >
                {POWER[action].text}
              </Button>
            )
          })}
          <ButtonDropdown
            expandToViewport
            items={[
              { id: 'rename', text: 'Rename', disabled: refusalOf('RENAME', server) !== undefined },
              { id: 'delete', text: 'Delete', disabled: refusalOf('DESTROY', server) !== undefined },
            ]}
            onItemClick={({ detail }) => setDialog(detail.id as 'delete' | 'rename')}
          >
            More
          </ButtonDropdown>
        </>
      }
    >
      {failure !== undefined && (
        <Alert type="error" dismissible dismissAriaLabel="Close" onDismiss={() => forget(server.id)}>
          {failure}
        </Alert>
      )}
      {server.status === 'BUILD' && (
        <Container>
          <ProgressBar
            value={server.progress}
            label="Building the server"
            description="It starts by itself when this is done."
            additionalInfo={describeBuild(server)}
          />
        </Container>
      )}
      {server.status === 'ERROR' && (
        <Alert
          type="error"
          header={describeError(server) ?? 'Something went wrong with this server'}
          action={<Button onClick={() => setDialog('delete')}>Delete</Button>}
        >
          A server in error holds its quota until it is deleted. The log says what was done.
        </Alert>
      )}
      {server.suspended && (
        <Alert type="warning">
          An administrator has suspended this server. Nothing can be done with it until that is taken back.
        </Alert>
      )}
      <Tabs
        activeTabId={noConsole !== undefined && ['graphical', 'serial'].includes(tab) ? 'overview' : tab}
        onChange={({ detail }) => setParameters({ tab: detail.activeTabId }, { replace: true })}
        tabs={[
          { id: 'overview', label: 'Overview', content: <ServerOverview server={server} /> },
          { id: 'graphical', label: 'Graphical console', ...consoleTab(<GraphicalConsole server={server.id} />) },
          { id: 'serial', label: 'Serial console', ...consoleTab(<SerialConsole server={server.id} />) },
          { id: 'log', label: 'Log', content: <Diagnostics id={server.id} /> },
        ]}
      />
      {dialog === 'rename' && <RenameServer server={server} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && (
        <DeleteServers servers={[server]} onDone={() => void navigate('/servers')} onClose={() => setDialog(undefined)} />
      )}
    </Page>
  )
}
