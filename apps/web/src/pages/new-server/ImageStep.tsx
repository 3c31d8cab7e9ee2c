import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SegmentedControl from '@cloudscape-design/components/segmented-control'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Image } from '@synnefo/clients/image'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Disc3 } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { imageList, me } from '../../cloud/queries.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { formatBytes } from '../../ui/format.ts'
import { OsMark } from '../images/OsMark.tsx'
import { Choices } from './Choices.tsx'

/** Enough to choose from at a glance; the rest is found by typing. */
const SHOWN = 60

export function ImageStep({ chosen, onChoose }: { chosen: Image | undefined; onChoose: (image: Image) => void }) {
  const { data: images } = useSuspenseQuery(imageList)
  const navigate = useNavigate()
  const [words, setWords] = useState('')
  const [set, setSet] = useState('all')
  const fitting = images
    .filter(({ owner, is_public }) => set === 'all' || (set === 'mine' ? owner === me().uuid : is_public))
    .filter(({ name, properties }) => `${name} ${properties['os'] ?? ''}`.toLowerCase().includes(words.toLowerCase()))
    .toSorted(
      (a, b) =>
        Number(b.properties['sortorder'] ?? 0) - Number(a.properties['sortorder'] ?? 0) || (a.created_at < b.created_at ? 1 : -1),
    )
  const stranger = chosen !== undefined && chosen.is_public === false && chosen.owner !== me().uuid

  return (
    <Container header={<Header variant="h2">What should it run?</Header>}>
      {images.length === 0 ? (
        <EmptyState
          icon={Disc3}
          title="There are no images yet"
          action={<Button onClick={() => void navigate('/storage')}>Go to object storage</Button>}
        >
          Upload a disk image there and register it. Then come back.
        </EmptyState>
      ) : (
        <SpaceBetween size="m">
          <SpaceBetween size="xs" direction="horizontal">
            <SegmentedControl
              label="Which images"
              selectedId={set}
              options={[
                { id: 'all', text: 'All' },
                { id: 'public', text: 'Public' },
                { id: 'mine', text: 'Mine' },
              ]}
              onChange={({ detail }) => setSet(detail.selectedId)}
            />
            <Input
              type="search"
              placeholder="Find an image"
              ariaLabel="Find an image"
              value={words}
              onChange={({ detail }) => setWords(detail.value)}
            />
          </SpaceBetween>
          <Choices
            label="Image"
            chosen={chosen === undefined ? [] : [chosen.id]}
            onChoose={(id) => onChoose(images.find((image) => image.id === id)!)}
            choices={fitting.slice(0, SHOWN).map((image) => ({
              id: image.id,
              refusal: image.status === 'AVAILABLE' ? undefined : 'Not ready yet',
              content: (
                <span className="choice-row">
                  <OsMark os={image.properties['os'] ?? image.properties['osfamily']} />
                  <span className="choice-lines">
                    <strong>{image.name}</strong>
                    <span className="soft small choice-clip">{image.description ?? image.properties['description'] ?? ''}</span>
                    <span className="soft small">{formatBytes(image.size)}</span>
                  </span>
                </span>
              ),
            }))}
          />
          {fitting.length === 0 && <p className="soft">No image fits.</p>}
          {fitting.length > SHOWN && <p className="soft small">{fitting.length - SHOWN} more: type to find them.</p>}
          {stranger && <Alert type="warning">Somebody shared this image with you. Use it only if you trust who made it.</Alert>}
        </SpaceBetween>
      )}
    </Container>
  )
}
