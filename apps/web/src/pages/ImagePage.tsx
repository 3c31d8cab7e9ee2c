import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import { ApiError } from '@synnefo/clients/http'
import { fromLocation } from '@synnefo/clients/image'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LoaderFunctionArgs } from 'react-router'
import { Link, useNavigate, useParams } from 'react-router'
import { images } from '../cloud/connection.ts'
import { changed, imageList, me, queryClient } from '../cloud/queries.ts'
import { Confirm } from '../ui/Confirm.tsx'
import { CopyText } from '../ui/CopyText.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes } from '../ui/format.ts'
import { Page } from '../ui/Page.tsx'
import { When } from '../ui/When.tsx'
import { draftOf, otherProperties } from './images/draft.ts'
import { EditImage } from './images/EditImage.tsx'
import { ImageStatus } from './images/ImageStatus.tsx'
import { OsMark } from './images/OsMark.tsx'
import NotFoundPage from './NotFoundPage.tsx'
import { containerAddress } from './storage/places.ts'

export const loader = async ({ params }: LoaderFunctionArgs) => {
  const known = await queryClient.ensureQueryData(imageList)
  if (known.some(({ id }) => id === params['id'])) return null
  // It may be newer than the list.
  const list = await queryClient.fetchQuery({ ...imageList, staleTime: 0 })
  if (!list.some(({ id }) => id === params['id'])) throw new ApiError(404, 'itemNotFound', 'There is no such image.')
  return null
}

export default function ImagePage() {
  const { id } = useParams()
  const { data: list } = useSuspenseQuery(imageList)
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'edit' | 'delete'>()
  const image = list.find((other) => other.id === id)
  if (image === undefined) return <NotFoundPage reason="This image has been deleted." />
  const mine = image.owner === me().uuid
  const object = fromLocation(image.location)
  const draft = draftOf(image)
  const others = otherProperties(image)

  return (
    <Page
      title={image.name}
      heading={
        <span className="image-name">
          <OsMark os={draft.os || draft.osFamily} />
          <span>{image.name}</span>
        </span>
      }
      description={draft.description || undefined}
      crumbs={[{ text: 'Images', to: '/images' }]}
      actions={
        <>
          {mine && <Button onClick={() => setDialog('delete')}>Delete</Button>}
          {mine && <Button onClick={() => setDialog('edit')}>Edit</Button>}
          <Button
            variant="primary"
            disabled={image.status !== 'AVAILABLE'}
            onClick={() => void navigate(`/servers/new?image=${image.id}`)}
          >
            Create server
          </Button>
        </>
      }
    >
      <Container header={<Header variant="h2">Image</Header>}>
        <Facts
          facts={[
            ['Status', <ImageStatus key="status" image={image} />],
            [
              'Access',
              image.is_public ? 'Public: everybody can use it' : mine ? 'Private: only you can use it' : 'Shared with you',
            ],
            ['Size', formatBytes(image.size)],
            ['Operating system', [draft.os, draft.osFamily].filter(Boolean).join(', ') || 'Unknown'],
            ['Root partition', draft.rootPartition || 'Found by itself'],
            ['Users', draft.users || 'root'],
            ['Format', image.disk_format],
            ['Created', <When key="created" at={image.created_at} />],
            ['Changed', <When key="updated" at={image.updated_at} />],
            ['Image id', <CopyText key="id" label="the image id" text={image.id} />],
            ['Hash', <CopyText key="hash" label="the hash" text={image.checksum} />],
            [
              'File',
              object !== undefined && mine ? (
                <Link key="file" to={containerAddress(object.container, object.name.replace(/[^/]*$/, ''))}>
                  {object.container}/{object.name}
                </Link>
              ) : (
                image.location
              ),
            ],
          ]}
        />
      </Container>
      {others.length > 0 && (
        <Container header={<Header variant="h2">Other properties</Header>}>
          <Facts facts={others} />
        </Container>
      )}
      {dialog === 'edit' && <EditImage image={image} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && (
        <Confirm
          title={`Delete the image “${image.name}”?`}
          act="Delete image"
          onConfirm={() => images.unregisterImage(image.id)}
          onDone={async () => {
            await navigate('/images')
            await changed('images')
          }}
          onClose={() => setDialog(undefined)}
        >
          No more servers can be created from it. The file stays in object storage, and servers that exist go on working.
        </Confirm>
      )}
    </Page>
  )
}
