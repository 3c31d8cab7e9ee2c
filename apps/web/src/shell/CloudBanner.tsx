import { CloudOff, HardDriveDownload } from 'lucide-react'
import { useHealth } from '../cloud/health.ts'

/** What is wrong with the whole cloud, on every page for as long as it is. */
export function CloudBanner() {
  const { answers, full } = useHealth()
  if (!answers) {
    return (
      <div className="cloud-banner cloud-banner-bad" role="alert">
        <CloudOff size={18} aria-hidden />
        <span>
          <strong>The cloud does not answer.</strong> What you see may be out of date. This page keeps trying.
        </span>
      </div>
    )
  }
  if (!full) return null
  return (
    <div className="cloud-banner cloud-banner-warn" role="alert">
      <HardDriveDownload size={18} aria-hidden />
      <span>
        <strong>The disk of the cloud is full.</strong> Nothing new can be stored until there is room again. Deleting works.
      </span>
    </div>
  )
}
