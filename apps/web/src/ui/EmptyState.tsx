import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import './empty-state.css'

/** Stands where a list would be: what would be here, and the next step. */
export function EmptyState({ icon: Icon, title, isPage = false, children, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <span className="empty-state-icon">
        <Icon size={26} aria-hidden />
      </span>
      {isPage ? <h1 tabIndex={-1}>{title}</h1> : <strong>{title}</strong>}
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  )
}

interface EmptyStateProps {
  icon: LucideIcon
  title: string
  /** Nothing else is on the page. */
  isPage?: boolean
  children?: ReactNode
  action?: ReactNode
}
