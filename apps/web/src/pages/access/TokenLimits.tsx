import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Select from '@cloudscape-design/components/select'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { SCOPED_SERVICES, type ScopedService, SERVICE_NAMES } from '@synnefo/identity/wire/token-scopes.ts'
import { type Limits, READING } from './limits.ts'

const KINDS = [
  { value: 'everything', label: 'Everything that you can do with the APIs' },
  { value: 'limited', label: 'Only what you choose' },
]

interface Props {
  /** Undefined: none. */
  limits: Limits | undefined
  refusal: string | undefined
  onChange: (limits: Limits | undefined) => void
}

/** What a new token is good for. */
export function TokenLimits({ limits, refusal, onChange }: Props) {
  return (
    <SpaceBetween size="s">
      <FormField
        label="Good for"
        description="No token with limits reaches your account: its password, address and tokens."
        errorText={refusal}
      >
        <Select
          selectedOption={KINDS[limits === undefined ? 0 : 1]!}
          options={KINDS}
          onChange={({ detail }) => onChange(detail.selectedOption.value === 'limited' ? READING : undefined)}
        />
      </FormField>
      {limits !== undefined && <Choice limits={limits} onChange={onChange} />}
    </SpaceBetween>
  )
}

function Choice({ limits, onChange }: { limits: Limits; onChange: (limits: Limits) => void }) {
  const choose = (service: ScopedService, chosen: boolean) =>
    onChange({
      ...limits,
      services: SCOPED_SERVICES.filter((each) => (each === service ? chosen : limits.services.includes(each))),
    })
  return (
    <SpaceBetween size="xs">
      <Checkbox checked={limits.readOnly} onChange={({ detail }) => onChange({ ...limits, readOnly: detail.checked })}>
        Only read, change nothing
      </Checkbox>
      {SCOPED_SERVICES.map((service) => (
        <Checkbox
          key={service}
          checked={limits.services.includes(service)}
          onChange={({ detail }) => choose(service, detail.checked)}
        >
          Use {SERVICE_NAMES[service]}
        </Checkbox>
      ))}
      {limits.services.includes('object-store') && (
        <FormField
          label="Only this container"
          description="Also with the beginning of names in it, such as backups/laptop/. Empty: all of them."
        >
          <Input value={limits.container} onChange={({ detail }) => onChange({ ...limits, container: detail.value })} />
        </FormField>
      )}
    </SpaceBetween>
  )
}
