import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import type { StoredObject } from '@synnefo/clients/object-store'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { emailsOf } from '../../cloud/files.ts'
import { containerList, me, objectStore } from '../../cloud/queries.ts'
import { Confirm } from '../../ui/Confirm.tsx'
import { CopyText } from '../../ui/CopyText.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { formatBytes } from '../../ui/format.ts'
import { When } from '../../ui/When.tsx'
import { FileContent } from './FileContent.tsx'
import { MetadataEditor } from './MetadataEditor.tsx'
import { PublicLink } from './PublicLink.tsx'
import { lastPart } from './places.ts'
import type { FileRow } from './previews.ts'
import { previewOf } from './previews.ts'
import { Sharing } from './Sharing.tsx'
import type { Draft } from './TextContent.tsx'
import { Versions } from './Versions.tsx'

export type PropertiesTab = 'content' | 'properties' | 'metadata' | 'sharing' | 'link' | 'versions'

interface ObjectPropertiesProps {
  where: Where
  object: StoredObject
  /** Which is open at first. */
  tab: PropertiesTab
  /** Of what somebody else shares, whether the person may change it. */
  mayEdit?: boolean
  /** Pictures to go on to. */
  neighbours?: { previous?: FileRow; next?: FileRow }
  onNeighbour?: (row: FileRow) => void
  /** What can be done with it besides. */
  actions?: ReactNode
  onClose: () => void
}

export function ObjectProperties(props: ObjectPropertiesProps) {
  const { where, object, tab, mayEdit = true, neighbours = {}, onNeighbour, actions, onClose } = props
  const [active, setActive] = useState<string>(tab === 'content' && !previewOf(object) ? 'properties' : tab)
  // Kept here, so that it outlives a look at another tab.
  const [draft, setDraft] = useState<Draft>()
  const [leaving, setLeaving] = useState(false)
  const { container, account } = where
  const { data: containers } = useQuery({ ...containerList, enabled: account === undefined })
  const policy = containers?.find(({ name }) => name === container)?.x_container_policy
  const kind = previewOf(object)
  const own = account === undefined
  const { name } = object
  return (
    <Modal
      visible
      size="large"
      header={<span className="breakable">{lastPart(name)}</span>}
      onDismiss={() => (draft === undefined ? onClose() : setLeaving(true))}
      closeAriaLabel="Close"
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {actions}
            <Button iconName="download" href={objectStore(account).downloadUrl(container, name)} download={lastPart(name)}>
              Download
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Tabs
        activeTabId={active}
        onChange={({ detail }) => setActive(detail.activeTabId)}
        tabs={[
          ...(kind === undefined
            ? []
            : [
                {
                  id: 'content',
                  label: kind === 'text' ? 'Text' : 'Preview',
                  content: (
                    <FileContent
                      key={name}
                      where={where}
                      object={object}
                      kind={kind}
                      mayEdit={mayEdit}
                      draft={draft}
                      onDraft={setDraft}
                      neighbours={neighbours}
                      onNeighbour={onNeighbour}
                    />
                  ),
                },
              ]),
          { id: 'properties', label: 'Properties', content: <Properties where={where} object={object} /> },
          {
            id: 'metadata',
            label: 'Metadata',
            content: <MetadataEditor where={where} name={name} mayEdit={mayEdit} />,
          },
          ...(own
            ? [
                { id: 'sharing', label: 'Sharing', content: <Sharing container={container} name={name} folder={false} /> },
                { id: 'link', label: 'Public link', content: <PublicLink container={container} name={name} /> },
              ]
            : []),
          // Others are not told whether a container keeps a history.
          ...(policy?.versioning === 'none'
            ? []
            : [
                {
                  id: 'versions',
                  label: 'Versions',
                  content: <Versions where={where} name={name} mayRestore={mayEdit} />,
                },
              ]),
        ]}
      />
      {leaving && (
        <Confirm
          title="Discard what you wrote?"
          act="Discard"
          onConfirm={async () => undefined}
          onDone={onClose}
          onClose={() => setLeaving(false)}
        >
          The text is not saved.
        </Confirm>
      )}
    </Modal>
  )
}

function Properties({ where: { container, account }, object }: { where: Where; object: StoredObject }) {
  const { x_object_modified_by: modifier } = object
  const people = [...new Set([modifier, ...(account === undefined ? [] : [account])])]
  const { data: emails } = useQuery(emailsOf(people.toSorted()))
  const nameOf = (uuid: string) => (uuid === me().uuid ? `${me().email} (you)` : (emails?.[uuid] ?? uuid))
  return (
    <Facts
      facts={[
        ...(account === undefined ? [] : ([['Owner', nameOf(account)]] as const)),
        ['Path', <CopyText key="path" label="the path" text={`${container}/${object.name}`} />],
        ['Size', `${formatBytes(object.bytes)} (${object.bytes.toLocaleString()} bytes)`],
        ['Type', object.content_type],
        ['Changed', <When key="changed" at={object.last_modified} />],
        ['Changed by', nameOf(modifier)],
        ['Hash', <CopyText key="hash" label="the hash" text={object.x_object_hash} />],
        ['UUID', <CopyText key="uuid" label="the UUID" text={object.x_object_uuid} />],
        ['Version', String(object.x_object_version)],
      ]}
    />
  )
}
