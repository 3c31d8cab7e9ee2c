import type { ReactNode } from 'react'
import { useId } from 'react'
import './new-server.css'

interface Choice {
  id: string
  content: ReactNode
  /** Why it cannot be chosen. */
  refusal?: string | undefined
}

interface ChoicesProps {
  label: string
  choices: Choice[]
  /** Ids of what is chosen. */
  chosen: string[]
  many?: boolean
  onChoose: (id: string) => void
}

/** Cards to choose from: radio buttons or check boxes, so that arrow keys and the space bar work as everywhere. */
export function Choices({ label, choices, chosen, many = false, onChoose }: ChoicesProps) {
  const name = useId()
  return (
    <fieldset className="choices">
      <legend className="visually-hidden">{label}</legend>
      {choices.map(({ id, content, refusal }) => (
        <label key={id} className={refusal === undefined ? 'choice' : 'choice choice-refused'}>
          <input
            type={many ? 'checkbox' : 'radio'}
            name={name}
            value={id}
            checked={chosen.includes(id)}
            disabled={refusal !== undefined}
            onChange={() => onChoose(id)}
          />
          <span className="choice-content">{content}</span>
          {refusal !== undefined && <span className="choice-refusal small">{refusal}</span>}
        </label>
      ))}
    </fieldset>
  )
}
