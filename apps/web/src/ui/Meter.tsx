import './meter.css'

interface MeterProps {
  label: string
  used: string
  limit: string
  /** 0 to 1; undefined where there is no limit. */
  share: number | undefined
  left?: string | undefined
}

/** How much of something is used. */
export function Meter({ label, used, limit, share, left }: MeterProps) {
  const level = share === undefined || share < 0.8 ? '' : share < 0.95 ? ' meter-high' : ' meter-full'
  return (
    <div className={`meter${level}`}>
      <div className="meter-words">
        <span className="meter-label">{label}</span>
        <span className="meter-amount">
          <strong>{used}</strong> of {limit}
        </span>
      </div>
      <meter className="visually-hidden" aria-label={`${label}: ${used} of ${limit}`} value={share ?? 0} />
      <div className="meter-track" aria-hidden>
        <span style={{ inlineSize: `${Math.min(1, share ?? 0) * 100}%` }} />
      </div>
      {left !== undefined && <span className="meter-left">{left} left</span>}
    </div>
  )
}
