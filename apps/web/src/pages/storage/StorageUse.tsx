import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { containerList, me, projectNames, quotaList } from '../../cloud/queries.ts'
import { formatBytes } from '../../ui/format.ts'
import { Meter } from '../../ui/Meter.tsx'
import { projectSpaces } from './project-choices.ts'

/** How much room there is for files, in each project and together. */
export function StorageUse() {
  const { data: quotas } = useSuspenseQuery(quotaList)
  const { data: containers } = useSuspenseQuery(containerList)
  const { data: names } = useQuery(projectNames)
  const spaces = projectSpaces(quotas, names, me().uuid)
  const total = containers.reduce((sum, { bytes }) => sum + bytes, 0)
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${formatBytes(total)})`}>
          Space used
        </Header>
      }
    >
      <div className="storage-use" id="use">
        {spaces.map(({ project, name, used, limit, left, share }) => (
          <Meter key={project} label={name} used={used} limit={limit} share={share} left={left} />
        ))}
      </div>
    </Container>
  )
}
