import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'

interface CurrentPasswordProps {
  value: string
  onChange: (value: string) => void
  /** Whether the form was sent without. */
  missed: boolean
}

/** A password that exists, as browsers fill it in. */
export function CurrentPassword({ value, onChange, missed }: CurrentPasswordProps) {
  return (
    <FormField label="Password" errorText={missed && 'Enter your password'}>
      <Input
        type="password"
        name="password"
        autoComplete="current-password"
        value={value}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  )
}
