import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Wizard from '@cloudscape-design/components/wizard'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { compute } from '../cloud/connection.ts'
import {
  changed,
  flavorList,
  imageList,
  keyPairList,
  me,
  networkList,
  queryClient,
  quotaList,
  serverList,
} from '../cloud/queries.ts'
import { CopyText } from '../ui/CopyText.tsx'
import { Facts } from '../ui/Facts.tsx'
import { Failure } from '../ui/Failure.tsx'
import { formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { AccessStep } from './new-server/AccessStep.tsx'
import type { ServerDraft } from './new-server/draft.ts'
import { customisation, requestOf, sizeRefusal, suggestName } from './new-server/draft.ts'
import { ImageStep } from './new-server/ImageStep.tsx'
import { SizeStep } from './new-server/SizeStep.tsx'

export const loader = () =>
  Promise.all([
    queryClient.fetchQuery(imageList),
    queryClient.ensureQueryData(flavorList),
    queryClient.fetchQuery(quotaList),
    queryClient.ensureQueryData(networkList),
    queryClient.ensureQueryData(keyPairList),
    queryClient.ensureQueryData(serverList),
  ])

const IMAGE = 0
const SIZE = 1
const ACCESS = 2

export default function NewServerPage() {
  const navigate = useNavigate()
  const [parameters] = useSearchParams()
  const { data: images } = useSuspenseQuery(imageList)
  const { data: flavors } = useSuspenseQuery(flavorList)
  const { data: quotas } = useSuspenseQuery(quotaList)
  const { data: servers } = useSuspenseQuery(serverList)
  const { data: keys } = useSuspenseQuery(keyPairList)
  const [step, setStep] = useState(IMAGE)
  const [tried, setTried] = useState(false)
  const [draft, setDraft] = useState<ServerDraft>(() => ({
    image: images.find(({ id, status }) => id === parameters.get('image') && status === 'AVAILABLE'),
    flavor: undefined,
    network: 'default',
    privateNetworks: [],
    keys: keys.map(({ name }) => name),
    name: '',
  }))
  const change = (part: Partial<ServerDraft>) => setDraft((now) => ({ ...now, ...part }))
  const create = useMutation({
    mutationFn: () => compute.createServer(requestOf(draft)),
    onSuccess: () => void changed('servers'),
  })

  const refuses = (flavor: NonNullable<ServerDraft['flavor']>, image = draft.image) =>
    sizeRefusal(flavor, image, quotas, me().uuid)
  /** What is still wrong with a step, in words for the person. */
  const problems = [
    draft.image === undefined ? 'Choose an image.' : undefined,
    draft.flavor === undefined ? 'Choose a size.' : refuses(draft.flavor),
    draft.name.trim() === ''
      ? 'A server needs a name.'
      : draft.network === 'private' && draft.privateNetworks.length === 0
        ? 'Choose a private network.'
        : undefined,
  ]

  const go = (to: number) => {
    const blocked = problems.findIndex((problem, index) => problem !== undefined && index < to)
    if (blocked === -1) {
      enter(to)
      return
    }
    setTried(true)
    setStep(Math.min(blocked, to))
  }
  /** A step begins with the best guess. */
  const enter = (to: number) => {
    setTried(false)
    setStep(to)
    if (to === SIZE && (draft.flavor === undefined || refuses(draft.flavor) !== undefined)) {
      const [smallest] = flavors
        .filter((flavor) => refuses(flavor) === undefined)
        .toSorted((a, b) => a.ram - b.ram || a.disk - b.disk)
      change({ flavor: smallest })
    }
    if (to === ACCESS && draft.image !== undefined) {
      if (draft.name === '')
        change({
          name: suggestName(
            draft.image,
            servers.map(({ name }) => name),
          ),
        })
      if (!customisation(draft.image).keys) change({ keys: [] })
    }
  }

  if (create.data !== undefined) return <Created draft={draft} server={create.data} />
  const error = tried ? problems[step] : undefined
  return (
    <Page title="Create a server" heading={false} crumbs={[{ text: 'Servers', to: '/servers' }]}>
      <Wizard
        activeStepIndex={step}
        onNavigate={({ detail }) => go(detail.requestedStepIndex)}
        onCancel={() => void navigate('/servers')}
        onSubmit={() => create.mutate()}
        submitButtonText="Create server"
        isLoadingNextStep={create.isPending}
        steps={[
          {
            title: 'Image',
            errorText: step === IMAGE ? error : undefined,
            content: <ImageStep chosen={draft.image} onChoose={(image) => change({ image })} />,
          },
          {
            title: 'Size',
            errorText: step === SIZE ? error : undefined,
            content: <SizeStep image={draft.image} chosen={draft.flavor} onChoose={(flavor) => change({ flavor })} />,
          },
          {
            title: 'Name and access',
            errorText: step === ACCESS ? error : undefined,
            content: (
              <AccessStep
                draft={draft}
                onChange={change}
                nameProblem={tried && draft.name.trim() === '' ? problems[ACCESS] : undefined}
              />
            ),
          },
          {
            title: 'Review',
            content: (
              <SpaceBetween size="l">
                <Review draft={draft} onEdit={go} />
                <Failure error={create.error} what="The server was not created" />
              </SpaceBetween>
            ),
          },
        ]}
      />
    </Page>
  )
}

function Review({
  draft: { image, flavor, network, privateNetworks, keys, name },
  onEdit,
}: {
  draft: ServerDraft
  onEdit: (step: number) => void
}) {
  const { data: networks } = useSuspenseQuery(networkList)
  const names = privateNetworks.map((id) => networks.find((other) => other.id === id)?.name || `Network ${id}`)
  const edit = (step: number) => <Button onClick={() => onEdit(step)}>Edit</Button>
  return (
    <SpaceBetween size="m">
      <Container
        header={
          <Header variant="h2" actions={edit(IMAGE)}>
            Image
          </Header>
        }
      >
        <Facts
          facts={[
            ['Image', image?.name],
            ['Size of the image', formatBytes(image?.size ?? 0)],
          ]}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" actions={edit(SIZE)}>
            Size
          </Header>
        }
      >
        <Facts
          facts={[
            ['CPUs', flavor?.vcpus],
            ['Memory', formatBytes((flavor?.ram ?? 0) * 2 ** 20)],
            ['Disk', `${flavor?.disk} GiB`],
          ]}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" actions={edit(ACCESS)}>
            Name and access
          </Header>
        }
      >
        <Facts
          facts={[
            ['Name', name],
            ['SSH keys', keys.join(', ') || 'None'],
            ['Network', network === 'default' ? 'Public' : network === 'none' ? 'None' : names.join(', ')],
          ]}
        />
      </Container>
    </SpaceBetween>
  )
}

/** The only time that the password is shown. It is kept in no address and no storage. */
function Created({ draft, server }: { draft: ServerDraft; server: { id: number; name: string; adminPass: string } }) {
  const navigate = useNavigate()
  const leave = () => void navigate(`/servers/${server.id}`, { replace: true })
  const usesPassword = draft.image === undefined || customisation(draft.image).password
  const user = draft.image?.properties['users']?.split(' ')[0] ?? 'root'
  return (
    <Page title={server.name} crumbs={[{ text: 'Servers', to: '/servers' }]}>
      <Modal
        visible
        header="Your server is being created"
        onDismiss={({ detail }) => detail.reason !== 'overlay' && leave()}
        closeAriaLabel="Close"
        footer={
          <Box float="right">
            <Button variant="primary" onClick={leave}>
              Go to the server
            </Button>
          </Box>
        }
      >
        {usesPassword ? (
          <div className="password-once">
            <Alert type="warning">This is the only time the password is shown. Copy it now.</Alert>
            <Facts
              facts={[
                ['User', user],
                ['Password', <CopyText key="password" label="the password" text={server.adminPass} />],
              ]}
            />
          </div>
        ) : (
          'Machines of this image keep the password that is in it.'
        )}
      </Modal>
    </Page>
  )
}
