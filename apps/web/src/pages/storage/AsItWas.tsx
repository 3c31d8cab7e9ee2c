import Button from '@cloudscape-design/components/button'
import DatePicker from '@cloudscape-design/components/date-picker'
import FormField from '@cloudscape-design/components/form-field'
import SpaceBetween from '@cloudscape-design/components/space-between'
import TimeInput from '@cloudscape-design/components/time-input'
import { useState } from 'react'
import { Dialog } from '../../ui/Dialog.tsx'
import { localDay, localTime, momentOf } from './moments.ts'

const AGO = [
  { label: 'An hour ago', seconds: 3_600 },
  { label: 'Yesterday', seconds: 86_400 },
  { label: 'A week ago', seconds: 7 * 86_400 },
]

/** Asks for the moment at which a container is to be looked at. */
export function AsItWas({ at, onChoose, onClose }: { at?: number; onChoose: (at: number) => void; onClose: () => void }) {
  const [day, setDay] = useState(() => localDay(at))
  const [time, setTime] = useState(() => localTime(at))
  const moment = momentOf(day, time)
  const future = moment !== undefined && moment > Date.now() / 1_000
  const ago = (seconds: number) => {
    const then = Math.floor(Date.now() / 1_000) - seconds
    setDay(localDay(then))
    setTime(localTime(then))
  }
  return (
    <Dialog
      title="As it was"
      act="Show"
      ready={moment !== undefined && !future}
      onAct={() => moment && onChoose(moment)}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <p className="soft">See which files there were at a moment, and bring back what is wanted.</p>
        <SpaceBetween direction="horizontal" size="xs">
          {AGO.map(({ label, seconds }) => (
            <Button key={label} onClick={() => ago(seconds)}>
              {label}
            </Button>
          ))}
        </SpaceBetween>
        <FormField label="Date">
          <DatePicker
            value={day}
            placeholder="YYYY/MM/DD"
            expandToViewport
            openCalendarAriaLabel={(chosen) => (chosen === null ? 'Choose a date' : `Choose a date, now ${chosen}`)}
            previousMonthAriaLabel="Month before"
            nextMonthAriaLabel="Month after"
            todayAriaLabel="Today"
            onChange={({ detail }) => setDay(detail.value)}
          />
        </FormField>
        <FormField
          label="Time"
          errorText={future ? 'That is still to come' : undefined}
          constraintText="Hours, minutes and seconds."
        >
          <TimeInput value={time} format="hh:mm:ss" placeholder="hh:mm:ss" onChange={({ detail }) => setTime(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Dialog>
  )
}
