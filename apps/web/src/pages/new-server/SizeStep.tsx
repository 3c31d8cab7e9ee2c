import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import type { Flavor } from '@synnefo/clients/compute'
import type { Image } from '@synnefo/clients/image'
import { useSuspenseQuery } from '@tanstack/react-query'
import { flavorList, me, quotaList } from '../../cloud/queries.ts'
import { leftOf } from '../../cloud/usage.ts'
import { formatAmount, formatBytes } from '../../ui/format.ts'
import { Choices } from './Choices.tsx'
import { sizeRefusal } from './draft.ts'

interface SizeStepProps {
  image: Image | undefined
  chosen: Flavor | undefined
  onChoose: (flavor: Flavor) => void
}

export function SizeStep({ image, chosen, onChoose }: SizeStepProps) {
  const { data: flavors } = useSuspenseQuery(flavorList)
  const { data: quotas } = useSuspenseQuery(quotaList)
  const project = me().uuid
  const left = (resource: string) => formatAmount(resource, leftOf(quotas, project, resource))
  const ordered = flavors.toSorted((a, b) => a.vcpus - b.vcpus || a.ram - b.ram || a.disk - b.disk)
  return (
    <Container header={<Header variant="h2">How large?</Header>}>
      <p className="quota-line">
        Left of your quota: {left('cyclades.vm')} servers, {left('cyclades.cpu')} CPU, {left('cyclades.ram')} memory,{' '}
        {left('cyclades.disk')} disk.
      </p>
      <Choices
        label="Size"
        chosen={chosen === undefined ? [] : [String(chosen.id)]}
        onChoose={(id) => onChoose(flavors.find((flavor) => String(flavor.id) === id)!)}
        choices={ordered.map((flavor) => ({
          id: String(flavor.id),
          refusal: sizeRefusal(flavor, image, quotas, project),
          content: (
            <span className="size-figures">
              <span>
                <b>{flavor.vcpus}</b> CPU
              </span>
              <span>
                <b>{formatBytes(flavor.ram * 2 ** 20).split(' ')[0]}</b> {formatBytes(flavor.ram * 2 ** 20).split(' ')[1]} memory
              </span>
              <span>
                <b>{flavor.disk}</b> GiB disk
              </span>
            </span>
          ),
        }))}
      />
    </Container>
  )
}
