import FormField from '@cloudscape-design/components/form-field'
import Input, { type InputProps } from '@cloudscape-design/components/input'

export type PersonField = 'firstName' | 'lastName' | 'email'

interface PersonFieldsProps {
  /** The value of a field, and what happens when it is changed. */
  field: (name: PersonField) => Pick<InputProps, 'value' | 'onChange' | 'disabled'>
  errorOf: (name: PersonField) => string | undefined
  autoFocus?: boolean
}

/** Who somebody is, in every form that makes an account. */
export function PersonFields({ field, errorOf, autoFocus = false }: PersonFieldsProps) {
  return (
    <>
      <div className="two-fields">
        <FormField label="First name" errorText={errorOf('firstName')}>
          <Input name="given-name" autoComplete="given-name" autoFocus={autoFocus} {...field('firstName')} />
        </FormField>
        <FormField label="Last name" errorText={errorOf('lastName')}>
          <Input name="family-name" autoComplete="family-name" {...field('lastName')} />
        </FormField>
      </div>
      <FormField label="Email" errorText={errorOf('email')}>
        <Input type="email" name="email" autoComplete="email" {...field('email')} />
      </FormField>
    </>
  )
}
