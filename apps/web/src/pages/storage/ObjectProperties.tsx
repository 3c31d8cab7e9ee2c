import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import Tabs from '@cloudscape-design/components/tabs'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { objectHeaders, objectStore } from '../../cloud/queries.ts'
import { CopyText } from '../../ui/CopyText.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import { PublicLink } from './PublicLink.tsx'
import { lastPart } from './places.ts'
import { Sharing } from './Sharing.tsx'
import { Versions } from './Versions.tsx'

export type PropertiesTab = 'properties' | 'sharing' | 'link' | 'versions'

export function ObjectProperties({
  container,
  object,
  tab,
  onClose,
}: {
  container: string
  object: StoredObject
  /** Which is open at first. */
  tab: PropertiesTab
  onClose: () => void
}) {
  const [active, setActive] = useState<string>(tab)
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
        activeTabId={active}
        onChange={({ detail }) => setActive(detail.activeTabId)}
        tabs={[
          { id: 'properties', label: 'Properties', content: <Properties container={container} object={object} /> },
          { id: 'sharing', label: 'Sharing', content: <Sharing container={container} name={object.name} folder={false} /> },
          { id: 'link', label: 'Public link', content: <PublicLink container={container} name={object.name} /> },
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
          ...metadata.map(([name, value]) => [decodeURIComponent(name.slice(META.length)), decodeURIComponent(value)] as const),
        ]}
      />
    </>
  )
}
