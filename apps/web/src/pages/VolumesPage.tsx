import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import Table from '@cloudscape-design/components/table'
import type { Volume } from '@synnefo/clients/volume'
import { useSuspenseQuery } from '@tanstack/react-query'
import { HardDrive } from 'lucide-react'
import { Link } from 'react-router'
import { queryClient, serverList, volumeList } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'

export const loader = () => Promise.all([queryClient.ensureQueryData(volumeList), queryClient.ensureQueryData(serverList)])

export default function VolumesPage() {
  const { data: volumes } = useSuspenseQuery(volumeList)
  const { data: servers } = useSuspenseQuery(serverList)
  const narrow = useNarrow()
  const serverOf = ({ attachments: [attachment] }: Volume) => servers.find(({ id }) => id === attachment?.server_id)
  return (
    <Page title="Volumes" description="The disks of your servers. They take space only for what was changed since the image.">
      <Table
        variant="container"
        items={volumes}
        trackBy="id"
        header={
          <Header variant="h2" counter={`(${volumes.length})`}>
            Volumes
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (volume) => (
              <div className="breakable">
                <strong>{nameOf(volume)}</strong>
                {narrow && <div className="soft small">{serverOf(volume)?.name}</div>}
              </div>
            ),
          },
          { id: 'size', header: 'Size', cell: ({ size }) => `${size} GiB` },
          { id: 'state', header: 'State', cell: ({ status }) => <VolumeState status={status} /> },
          ...(narrow
            ? []
            : [
                {
                  id: 'server',
                  header: 'Server',
                  cell: (volume: Volume) => {
                    const server = serverOf(volume)
                    return server === undefined ? '–' : <Link to={`/servers/${server.id}`}>{server.name}</Link>
                  },
                },
                { id: 'created', header: 'Created', cell: ({ created_at }: Volume) => <When at={created_at} /> },
              ]),
        ]}
        empty={
          <EmptyState icon={HardDrive} title="No volumes yet">
            Each server you create brings its boot disk along.
          </EmptyState>
        }
      />
    </Page>
  )
}

/** As the other pages call it: the position on its server says more than a number. */
function nameOf({ id, display_name, attachments: [attachment] }: Volume): string {
  return attachment?.device_index === 0 ? 'Boot disk' : (display_name ?? `Disk ${id}`)
}

const STATES: Record<string, [text: string, indicator: 'success' | 'stopped' | 'error' | 'in-progress']> = {
  available: ['Detached', 'stopped'],
  in_use: ['Attached', 'success'],
  error: ['Error', 'error'],
  creating: ['Building', 'in-progress'],
  attaching: ['Attaching', 'in-progress'],
  detaching: ['Detaching', 'in-progress'],
  deleting: ['Deleting', 'in-progress'],
}

function VolumeState({ status }: { status: string }) {
  const [text, indicator] = STATES[status.replace('-', '_')] ?? [status, 'stopped']
  return <StatusIndicator type={indicator}>{text}</StatusIndicator>
}
