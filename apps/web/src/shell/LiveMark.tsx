import { useLive } from '../cloud/live.ts'

/** Whether changes come by themselves, or this page has to ask. */
export function LiveMark() {
  const live = useLive()
  if (live === undefined) return null
  return (
    <span
      className={live ? 'live-mark live-mark-on' : 'live-mark'}
      title={live ? 'Changes appear by themselves' : 'Asking every few seconds for changes'}
    >
      {live ? 'Live' : 'Every 5 s'}
    </span>
  )
}
