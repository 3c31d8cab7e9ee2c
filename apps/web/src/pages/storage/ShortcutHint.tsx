import { useNarrow } from '../../ui/use-narrow.ts'
import './storage.css'

/** Says which keys there are, where there is likely to be a keyboard. */
export function ShortcutHint({ what }: { what: string }) {
  if (useNarrow()) return null
  return (
    <p className="soft small shortcuts">
      <kbd>Alt</kbd> and <kbd>N</kbd> for {what}, <kbd>G</kbd> for groups, <kbd>U</kbd> for the space used.
    </p>
  )
}
