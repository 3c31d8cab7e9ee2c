import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Dialog } from './Dialog.tsx'
import { explain } from './failure.ts'
import { useFirstFocus } from './use-first-focus.ts'

interface AskNameProps {
  title: string
  label: string
  constraint?: string
  initial?: string
  /** What the button says. */
  act: string
  /** What is wrong with a name before the cloud is asked. */
  problem?: (name: string) => string | undefined
  onAnswer: (name: string) => Promise<unknown>
  /** What else is asked for. */
  children?: ReactNode
  onClose: () => void
}

/** Asks for one name. A refusal is shown at the field, and the question stays open. */
export function AskName({ title, label, constraint, initial = '', act, problem, onAnswer, onClose, children }: AskNameProps) {
  const [name, setName] = useState(initial)
  const field = useFirstFocus()
  const answered = useMutation({ mutationFn: () => onAnswer(name.trim()), onSuccess: onClose })
  const wrong = name.trim() === '' ? undefined : problem?.(name.trim())
  const ready = name.trim() !== '' && wrong === undefined
  return (
    <Dialog title={title} act={act} acting={answered.isPending} ready={ready} onAct={() => answered.mutate()} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) answered.mutate()
        }}
      >
        <SpaceBetween size="m">
          <FormField
            label={label}
            constraintText={constraint}
            errorText={wrong ?? (answered.error ? explain(answered.error) : undefined)}
          >
            <Input
              ref={field}
              value={name}
              onChange={({ detail }) => {
                setName(detail.value)
                answered.reset()
              }}
            />
          </FormField>
          {children}
        </SpaceBetween>
      </form>
    </Dialog>
  )
}
