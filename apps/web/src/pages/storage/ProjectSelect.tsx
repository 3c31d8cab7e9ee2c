import FormField from '@cloudscape-design/components/form-field'
import Select from '@cloudscape-design/components/select'
import { useQuery } from '@tanstack/react-query'
import { me, projectNames, quotaList } from '../../cloud/queries.ts'
import { projectSpaces } from './project-choices.ts'

/** The project whose quota a container counts against. */
export function ProjectSelect({ project, onChange }: { project: string; onChange: (project: string) => void }) {
  const { data: quotas } = useQuery(quotaList)
  const { data: names } = useQuery(projectNames)
  const options = projectSpaces(quotas ?? {}, names, me().uuid).map(({ project: value, name: label, left }) => ({
    value,
    label,
    description: left === 'unlimited' ? 'Unlimited' : `${left} left`,
  }))
  return (
    <FormField label="Project" description="Whose quota the files count against.">
      <Select
        selectedOption={options.find(({ value }) => value === project) ?? { value: project, label: project }}
        options={options}
        expandToViewport
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? project)}
      />
    </FormField>
  )
}
