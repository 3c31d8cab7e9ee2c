import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { Image } from '@synnefo/clients/image'

const STATUSES = {
  AVAILABLE: ['success', 'Available'],
  UNAVAILABLE: ['in-progress', 'Being made'],
  ERROR: ['error', 'Error'],
  DELETED: ['stopped', 'Deleted'],
  UNKNOWN: ['pending', 'Unknown'],
} as const

export function ImageStatus({ image }: { image: Image }) {
  const [type, text] = STATUSES[image.status]
  return <StatusIndicator type={type}>{text}</StatusIndicator>
}
