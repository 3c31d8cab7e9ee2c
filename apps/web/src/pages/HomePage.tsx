import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Check, KeyRound, Server as ServerIcon, Upload } from 'lucide-react'
import { Link, useNavigate } from 'react-router'
import { containerList, imageList, keyPairList, me, projectNames, queryClient, quotaList, serverList } from '../cloud/queries.ts'
import { addressesOf, describeState } from '../cloud/servers.ts'
import { RESOURCES, usageOf } from '../cloud/usage.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatAmount } from '../ui/format.ts'
import { Meter } from '../ui/Meter.tsx'
import { Page } from '../ui/Page.tsx'
import { When } from '../ui/When.tsx'
import './home.css'

export const loader = () =>
  Promise.all(
    [serverList, quotaList, imageList, keyPairList, containerList].map((query) =>
      queryClient.ensureQueryData(query as typeof serverList),
    ),
  )

export default function HomePage() {
  const navigate = useNavigate()
  const { data: servers } = useSuspenseQuery(serverList)
  const person = me()
  return (
    <Page
      title="Home"
      heading={`Hello, ${person.firstName || person.email}`}
      description="What you run, what you use, and what you may still use."
      actions={
        <Button variant="primary" onClick={() => void navigate('/servers/new')}>
          Create server
        </Button>
      }
    >
      <NextSteps />
      <div className="home-columns">
        <Container
          header={
            <Header
              variant="h2"
              counter={servers.length > 0 ? `(${servers.length})` : ''}
              actions={servers.length > 0 && <Link to="/servers">All servers</Link>}
            >
              Servers
            </Header>
          }
        >
          <LatestServers />
        </Container>
        <UsagePanel />
      </div>
    </Page>
  )
}

/** What a new person does first; gone when it is done. */
function NextSteps() {
  const { data: servers } = useSuspenseQuery(serverList)
  const { data: images } = useSuspenseQuery(imageList)
  const { data: keys } = useSuspenseQuery(keyPairList)
  const { data: containers } = useSuspenseQuery(containerList)
  const steps = [
    {
      icon: KeyRound,
      title: 'Add an SSH key',
      text: 'Log in to your servers without a password.',
      to: '/keys',
      done: keys.length > 0,
    },
    {
      icon: Upload,
      title: 'Upload an image',
      text: images.length > 0 ? 'Or use one of those that are here.' : 'Store a disk image, then register it.',
      to: '/storage',
      done: containers.some(({ count }) => count > 0) || images.some(({ owner }) => owner === me().uuid),
    },
    {
      icon: ServerIcon,
      title: 'Create a server',
      text: 'From an image, in four short steps.',
      to: '/servers/new',
      done: servers.length > 0,
    },
  ]
  if (servers.length > 0) return null
  return (
    <section className="steps" aria-label="First steps">
      {steps.map(({ icon: Icon, title, text, to, done }) => (
        <Link key={to} to={to} className={done ? 'step step-done' : 'step'}>
          <span className="step-icon">{done ? <Check size={20} aria-hidden /> : <Icon size={20} aria-hidden />}</span>
          <span>
            <strong>
              {title}
              {done && <span className="step-note"> done</span>}
            </strong>
            <span>{text}</span>
          </span>
        </Link>
      ))}
    </section>
  )
}

function LatestServers() {
  const navigate = useNavigate()
  const { data: servers } = useSuspenseQuery(serverList)
  if (servers.length === 0) {
    return (
      <EmptyState
        icon={ServerIcon}
        title="No servers yet"
        action={<Button onClick={() => void navigate('/servers/new')}>Create server</Button>}
      >
        Your servers and what they are doing will be here.
      </EmptyState>
    )
  }
  return (
    <ul className="home-servers">
      {servers
        .toSorted((a, b) => b.id - a.id)
        .slice(0, 6)
        .map((server) => {
          const { text, indicator } = describeState(server)
          return (
            <li key={server.id}>
              <span className="home-server">
                <Link to={`/servers/${server.id}`}>{server.name}</Link>
                <span className="soft small">{addressesOf(server)[0] ?? <When at={server.created} distance />}</span>
              </span>
              <StatusIndicator type={indicator}>{text}</StatusIndicator>
            </li>
          )
        })}
    </ul>
  )
}

function UsagePanel() {
  const { data: quotas } = useSuspenseQuery(quotaList)
  const { data: names } = useQuery(projectNames)
  const projects = Object.entries(quotas).map(([project, holdings]) => ({
    project,
    holdings,
    name: project === me().uuid ? 'System project' : (names?.get(project) ?? project),
  }))
  return (
    <Container header={<Header variant="h2">Usage</Header>}>
      <div className="home-usage">
        {projects.map(({ project, holdings, name }) => (
          <section key={project} aria-label={name}>
            {projects.length > 1 && <h3>{name}</h3>}
            {RESOURCES.filter(({ resource }) => holdings[resource] !== undefined).map(({ resource, label }) => {
              const { used, limit, share } = usageOf(holdings[resource]!)
              return (
                <Meter
                  key={resource}
                  label={label}
                  used={formatAmount(resource, used)}
                  limit={formatAmount(resource, limit)}
                  share={share}
                />
              )
            })}
          </section>
        ))}
      </div>
    </Container>
  )
}
