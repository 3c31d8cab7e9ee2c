import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { sessionQuery } from '../cloud/queries.ts'
import './page.css'

interface PageProps {
  title: string
  /** Shown instead of the title where the title alone is too plain; false where the content has a heading of its own. */
  heading?: ReactNode
  description?: ReactNode
  crumbs?: { text: string; to: string }[]
  actions?: ReactNode
  children: ReactNode
}

/** What every page has: its name in the tab, where it stands, its heading and what can be done with the whole of it. */
export function Page({ title, heading, description, crumbs = [], actions, children }: PageProps) {
  const { data: session } = useQuery({ ...sessionQuery, enabled: false })
  return (
    <div className="page">
      <title>{`${title} · ${session?.cloud.name ?? 'Synnefo'}`}</title>
      {crumbs.length > 0 && (
        <nav className="crumbs" aria-label="Breadcrumbs">
          <ol>
            {crumbs.map(({ text, to }) => (
              <li key={to}>
                <Link to={to}>{text}</Link>
              </li>
            ))}
            <li aria-current="page">{title}</li>
          </ol>
        </nav>
      )}
      {heading !== false && (
        <header className="page-header">
          <div className="page-heading">
            <h1 tabIndex={-1}>{heading ?? title}</h1>
            {description !== undefined && <p>{description}</p>}
          </div>
          {actions !== undefined && <div className="page-actions">{actions}</div>}
        </header>
      )}
      <div className="page-content">{children}</div>
    </div>
  )
}
