import Checkbox from '@cloudscape-design/components/checkbox'
import FormField from '@cloudscape-design/components/form-field'
import { Link } from 'react-router'

interface AgreeToTermsProps {
  agreed: boolean
  onChange: (agreed: boolean) => void
  /** Whether the form was sent without. */
  missed: boolean
}

/** The terms open beside the form, so that what was entered stays. */
export function AgreeToTerms({ agreed, onChange, missed }: AgreeToTermsProps) {
  return (
    <FormField errorText={missed && 'An account needs your agreement'}>
      <Checkbox checked={agreed} onChange={({ detail }) => onChange(detail.checked)}>
        I agree to the{' '}
        <Link to="/terms" target="_blank">
          terms of service
        </Link>
      </Checkbox>
    </FormField>
  )
}
