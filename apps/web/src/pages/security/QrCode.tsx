import encodeQR from 'qr'
import { useMemo } from 'react'
import './security.css'

/** Text for a camera: dark on light in both colours of the page, as some cameras read nothing else. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const picture = useMemo(() => encodeQR(text, 'svg', { ecc: 'medium', border: 4 }), [text])
  return <img className="qr-code" src={`data:image/svg+xml,${encodeURIComponent(picture)}`} alt={label} />
}
