import Alert from '@cloudscape-design/components/alert'
import RadioGroup from '@cloudscape-design/components/radio-group'
import type { OnConflict } from './transfers.ts'

interface ConflictsProps {
  names: string[]
  onConflict: OnConflict
  onChange: (onConflict: OnConflict) => void
}

/** Asks what to do with things whose names are taken where they go. */
export function Conflicts({ names, onConflict, onChange }: ConflictsProps) {
  return (
    <>
      <Alert type="warning">
        <span className="breakable">
          There already: {names.slice(0, 5).join(', ')}
          {names.length > 5 ? ` and ${(names.length - 5).toLocaleString()} more` : ''}
        </span>
      </Alert>
      <RadioGroup
        ariaLabel="What to do with what is there already"
        value={onConflict}
        onChange={({ detail }) => onChange(detail.value as OnConflict)}
        items={[
          { value: 'number', label: 'Keep both, with a number added to the name' },
          { value: 'replace', label: 'Replace files that are there', description: 'Folders are merged.' },
        ]}
      />
    </>
  )
}
