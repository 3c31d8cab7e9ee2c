import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Button from '@cloudscape-design/components/button'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Spinner from '@cloudscape-design/components/spinner'
import { readMetadata } from '@synnefo/clients/object-headers'
import type { Metadata } from '@synnefo/clients/object-store'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Where } from '../../cloud/files.ts'
import { objectHeaders } from '../../cloud/files.ts'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Failure } from '../../ui/Failure.tsx'
import type { Item } from './metadata.ts'
import { changesOf, itemsOf, problemOf } from './metadata.ts'

interface MetadataEditorProps {
  where: Where
  name: string
  mayEdit: boolean
}

/** Words that people put to a file, and by which they find it. */
export function MetadataEditor({ where, name, mayEdit }: MetadataEditorProps) {
  const { data: headers, error } = useQuery(objectHeaders(where, name))
  if (error) return <Failure error={error} />
  if (headers === undefined) return <Spinner />
  const metadata = readMetadata(headers)
  // What is written starts over with another version.
  return <Editor key={headers.get('x-object-version')} where={where} name={name} metadata={metadata} mayEdit={mayEdit} />
}

function Editor({ where, name, metadata, mayEdit }: MetadataEditorProps & { metadata: Metadata }) {
  const [items, setItems] = useState<Item[]>(() => itemsOf(metadata))
  const save = useMutation({
    mutationFn: () => objectStore(where.account).setMetadata(where.container, name, changesOf(metadata, items)),
    onSettled: () => changed('objects'),
  })
  const change = (index: number, part: Partial<Item>) =>
    setItems(items.map((item, each) => (each === index ? { ...item, ...part } : item)))
  const wrong = items.some((item) => item.name !== '' && problemOf(item, items) !== undefined)
  const changes = Object.keys(changesOf(metadata, items)).length > 0
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!wrong && changes) save.mutate()
      }}
    >
      <SpaceBetween size="m">
        <p className="soft">
          Files are found by these in their container. Other programs keep what a file is about under <strong>Tags</strong>.
        </p>
        <AttributeEditor<Item>
          items={items}
          empty="Nothing is written to this file."
          addButtonText="Add metadata"
          removeButtonText="Remove"
          removeButtonAriaLabel={(item) => `Remove ${item.name || 'this item'}`}
          hideAddButton={!mayEdit}
          disableAddButton={!mayEdit}
          isItemRemovable={() => mayEdit}
          onAddButtonClick={() => setItems([...items, { name: items.length === 0 ? 'Tags' : '', value: '' }])}
          onRemoveButtonClick={({ detail: { itemIndex } }) => setItems(items.filter((_, index) => index !== itemIndex))}
          definition={[
            {
              label: 'Name',
              errorText: (item) => problemOf(item, items)?.name,
              control: (item, index) => (
                <Input
                  value={item.name}
                  readOnly={!mayEdit}
                  autoComplete={false}
                  ariaLabel={`Name of metadata ${index + 1}`}
                  onChange={({ detail }) => change(index, { name: detail.value })}
                />
              ),
            },
            {
              label: 'Value',
              errorText: (item) => problemOf(item, items)?.value,
              control: (item, index) => (
                <Input
                  value={item.value}
                  readOnly={!mayEdit}
                  autoComplete={false}
                  ariaLabel={`Value of ${item.name || `metadata ${index + 1}`}`}
                  onChange={({ detail }) => change(index, { value: detail.value })}
                />
              ),
            },
          ]}
        />
        <Failure error={save.error} />
        {mayEdit && (
          <Button formAction="submit" variant="primary" disabled={!changes || wrong} loading={save.isPending}>
            Save metadata
          </Button>
        )}
      </SpaceBetween>
    </form>
  )
}
