import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import Spinner from '@cloudscape-design/components/spinner'
import Tabs from '@cloudscape-design/components/tabs'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useQuery } from '@tanstack/react-query'
import { objectHeaders, objectStore, versionList } from '../../cloud/queries.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import { lastPart } from './places.ts'

export function ObjectProperties({
  container,
  object,
  onClose,
}: {
  container: string
  object: StoredObject
  onClose: () => void
}) {
  return (
    <Modal
      visible
      size="large"
      header={<span className="breakable">{lastPart(object.name)}</span>}
      onDismiss={onClose}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <Button iconName="download" href={objectStore().downloadUrl(container, object.name)} download={lastPart(object.name)}>
            Download
          </Button>
        </Box>
      }
    >
      <Tabs
        tabs={[
          { id: 'properties', label: 'Properties', content: <Properties container={container} object={object} /> },
          { id: 'versions', label: 'Versions', content: <Versions container={container} name={object.name} /> },
        ]}
      />
    </Modal>
  )
}

const META = 'x-object-meta-'

function Properties({ container, object }: { container: string; object: StoredObject }) {
  const { data: headers, error } = useQuery(objectHeaders(container, object.name))
  const metadata = headers ? [...headers].filter(([name]) => name.startsWith(META)) : []
  return (
    <>
      <Failure error={error} />
      <Facts
        facts={[
          ['Path', <CopyText key="path" label="the path" text={`${container}/${object.name}`} />],
          ['Size', `${formatBytes(object.bytes)} (${object.bytes.toLocaleString()} bytes)`],
          ['Type', object.content_type],
          ['Changed', <When key="changed" at={object.last_modified} />],
          ['Hash', <CopyText key="hash" label="the hash" text={object.x_object_hash} />],
          ['UUID', <CopyText key="uuid" label="the UUID" text={object.x_object_uuid} />],
          ['Version', String(object.x_object_version)],
          ...(object.x_object_public
            ? [['Public address', <CopyText key="public" label="the public address" text={object.x_object_public} />] as const]
            : []),
          ...metadata.map(([name, value]) => [decodeURIComponent(name.slice(META.length)), decodeURIComponent(value)] as const),
        ]}
      />
    </>
  )
}

function Versions({ container, name }: { container: string; name: string }) {
  const { data: versions, error } = useQuery(versionList(container, name))
  if (error) return <Failure error={error} />
  if (versions === undefined) return <Spinner />
  return (
    <ul className="versions">
      {versions.toReversed().map(({ id, timestamp }, index) => (
        <li key={id}>
          <span>
            <strong>{index === 0 ? 'Current' : `Version ${id}`}</strong>
            <span className="soft small">
              <When at={new Date(timestamp * 1_000)} />
            </span>
          </span>
          <Button
            iconName="download"
            variant="icon"
            ariaLabel={`Download version ${id}`}
            href={objectStore().downloadUrl(container, name, id)}
            download={lastPart(name)}
          />
        </li>
      ))}
    </ul>
  )
}
