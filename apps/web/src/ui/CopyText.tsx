import { Check, Copy, Eye, EyeOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copyText } from './copy.ts'
import './copy-text.css'

interface CopyTextProps {
  text: string
  /** What it is, for those who cannot see the button. */
  label: string
  /** Dots until asked for. */
  secret?: boolean
}

/** Text to be taken elsewhere: selected by one click, copied by another. */
export function CopyText({ text, label, secret = false }: CopyTextProps) {
  const [shown, setShown] = useState(!secret)
  const [copied, setCopied] = useState<boolean>()
  useEffect(() => {
    if (copied === undefined) return
    const timer = setTimeout(() => setCopied(undefined), 2_500)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <span className="copy-text">
      <code className={shown ? 'copy-text-value' : 'copy-text-value copy-text-hidden'}>{shown ? text : '•'.repeat(24)}</code>
      <span className="copy-text-buttons">
        {secret && (
          <button
            type="button"
            aria-label={shown ? `Hide ${label}` : `Show ${label}`}
            title={shown ? 'Hide' : 'Show'}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
          </button>
        )}
        <button type="button" aria-label={`Copy ${label}`} title="Copy" onClick={async () => setCopied(await copyText(text))}>
          {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        </button>
      </span>
      <span role="status" className={copied === undefined ? 'copy-text-status' : 'copy-text-status copy-text-said'}>
        {copied === undefined ? '' : copied ? 'Copied' : 'Select it and press Ctrl-C'}
      </span>
    </span>
  )
}
