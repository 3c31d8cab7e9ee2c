import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import RadioGroup from '@cloudscape-design/components/radio-group'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Container, ContainerPolicy, Versioning } from '@synnefo/clients/object-store'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { changed, objectStore } from '../../cloud/queries.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { formatBytes } from '../../ui/format.ts'
import type { Unit } from './container-quota.ts'
import { bytesOf, draftOfQuota, quotaProblem, UNITS } from './container-quota.ts'
import { ProjectSelect } from './ProjectSelect.tsx'

const HISTORY: { value: Versioning; label: string; description: string }[] = [
  { value: 'auto', label: 'Kept', description: 'What is replaced or deleted can be brought back.' },
  { value: 'none', label: 'Not kept', description: 'What is replaced or deleted is gone. History there is already stays.' },
]

/** How a container is kept: whose quota it counts against, whether it has a history, how large it may grow. */
export function ContainerSettings({ container, onClose }: { container: Container; onClose: () => void }) {
  const { name, bytes, x_container_policy: policy } = container
  const [project, setProject] = useState(policy.project)
  const [versioning, setVersioning] = useState(policy.versioning)
  const [quota, setQuota] = useState(() => draftOfQuota(Number(policy.quota)))
  const wrong = quotaProblem(quota)
  const change: ContainerPolicy = {
    ...(project === policy.project ? {} : { project }),
    ...(versioning === policy.versioning ? {} : { versioning }),
    ...(wrong || bytesOf(quota) === Number(policy.quota) ? {} : { quota: bytesOf(quota) }),
  }
  const save = useMutation({
    mutationFn: () => objectStore().changeContainer(name, change),
    async onSuccess() {
      await changed('objects')
      onClose()
    },
  })
  return (
    <Dialog
      title={`Settings of “${name}”`}
      act="Save"
      acting={save.isPending}
      ready={!wrong && Object.keys(change).length > 0}
      onAct={() => save.mutate()}
      onClose={onClose}
    >
      <SpaceBetween size="l">
        <ProjectSelect project={project} onChange={setProject} />
        {project !== policy.project && (
          <p className="soft">
            The {formatBytes(bytes)} that are in it now count against the quota of that project from then on.
          </p>
        )}
        <FormField label="History of files">
          <RadioGroup items={HISTORY} value={versioning} onChange={({ detail }) => setVersioning(detail.value as Versioning)} />
        </FormField>
        <div className="share-end">
          <FormField label="Largest size" constraintText="Empty: as large as the quota allows." errorText={wrong}>
            <Input
              inputMode="decimal"
              autoComplete={false}
              value={quota.amount}
              onChange={({ detail }) => setQuota({ ...quota, amount: detail.value })}
            />
          </FormField>
          <FormField label="Unit">
            <Select
              selectedOption={{ value: quota.unit, label: quota.unit }}
              options={UNITS.map((unit) => ({ value: unit, label: unit }))}
              expandToViewport
              onChange={({ detail }) => setQuota({ ...quota, unit: detail.selectedOption.value as Unit })}
            />
          </FormField>
        </div>
        <Failure error={save.error} />
      </SpaceBetween>
    </Dialog>
  )
}
