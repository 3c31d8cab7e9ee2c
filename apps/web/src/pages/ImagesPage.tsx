import Badge from '@cloudscape-design/components/badge'
import Button from '@cloudscape-design/components/button'
import Header from '@cloudscape-design/components/header'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import Table from '@cloudscape-design/components/table'
import TextFilter from '@cloudscape-design/components/text-filter'
import type { Image } from '@synnefo/clients/image'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Disc3 } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { imageList, me, queryClient } from '../cloud/queries.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { useNarrow } from '../ui/use-narrow.ts'
import { When } from '../ui/When.tsx'
import { ImageStatus } from './images/ImageStatus.tsx'
import { OsMark } from './images/OsMark.tsx'

export const loader = () => queryClient.ensureQueryData(imageList)

const SETS = [
  { id: 'all', text: 'All' },
  { id: 'mine', text: 'Mine' },
  { id: 'public', text: 'Public' },
]

export default function ImagesPage() {
  const { data: images } = useSuspenseQuery(imageList)
  const navigate = useNavigate()
  const [words, setWords] = useState('')
  const [set, setSet] = useState('all')
  const narrow = useNarrow()
  const showAll = () => {
    setWords('')
    setSet('all')
  }
  const shown = images
    .filter(({ owner, is_public }) => set === 'all' || (set === 'mine' ? owner === me().uuid : is_public))
    .filter(({ name, properties }) =>
      `${name} ${properties['os'] ?? ''} ${properties['description'] ?? ''}`.toLowerCase().includes(words.toLowerCase()),
    )
  return (
    <Page title="Images" description="What servers are created from. Any file in object storage that holds a disk can be one.">
      <Table
        variant="container"
        items={shown}
        trackBy="id"
        header={
          <Header
            variant="h2"
            counter={`(${shown.length})`}
            actions={
              <SegmentedControl
                label="Which images"
                selectedId={set}
                options={SETS}
                onChange={({ detail }) => setSet(detail.selectedId)}
              />
            }
          >
            Images
          </Header>
        }
        filter={
          images.length > 0 && (
            <TextFilter
              filteringText={words}
              filteringPlaceholder="Find by name or system"
              filteringAriaLabel="Find images"
              onChange={({ detail }) => setWords(detail.filteringText)}
            />
          )
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (image) => <ImageName image={image} /> },
          { id: 'size', header: 'Size', cell: ({ size }) => formatBytes(size) },
          ...(narrow
            ? []
            : [
                { id: 'access', header: 'Access', cell: (image: Image) => <Access image={image} /> },
                { id: 'status', header: 'Status', cell: (image: Image) => <ImageStatus image={image} /> },
                { id: 'created', header: 'Created', cell: (image: Image) => <When at={image.created_at} /> },
                {
                  id: 'act',
                  header: <span className="visually-hidden">Actions</span>,
                  cell: (image: Image) => (
                    <Button
                      disabled={image.status !== 'AVAILABLE'}
                      onClick={() => void navigate(`/servers/new?image=${image.id}`)}
                    >
                      Create server
                    </Button>
                  ),
                },
              ]),
        ]}
        empty={
          words !== '' || set !== 'all' ? (
            <EmptyState icon={Disc3} title="No image fits" action={<Button onClick={showAll}>Show all</Button>} />
          ) : (
            <EmptyState
              icon={Disc3}
              title="No images yet"
              action={<Button onClick={() => void navigate('/storage')}>Go to object storage</Button>}
            >
              Upload a disk image there, then choose “Register as image”.
            </EmptyState>
          )
        }
      />
    </Page>
  )
}

function ImageName({ image }: { image: Image }) {
  return (
    <span className="image-name">
      <OsMark os={image.properties['os'] ?? image.properties['osfamily']} />
      <span>
        <Link to={`/images/${image.id}`}>{image.name}</Link>
        <span className="soft small image-detail">{image.description ?? image.properties['description'] ?? ''}</span>
      </span>
    </span>
  )
}

function Access({ image }: { image: Image }) {
  if (image.is_public) return <Badge color="blue">Public</Badge>
  return <Badge>{image.owner === me().uuid ? 'Private' : 'Shared with me'}</Badge>
}
