import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { loginMethodsQuery } from '../../cloud/queries.ts'
import { CloudBanner } from '../../shell/CloudBanner.tsx'
import { Logo } from '../../shell/Logo.tsx'
import './front.css'

/** What those see who are not signed in: a form, beside a word on what is behind it. */
export function Front({
  title,
  lead,
  children,
  foot,
}: {
  title: string
  lead?: ReactNode
  children: ReactNode
  foot?: ReactNode
}) {
  const name = useQuery(loginMethodsQuery).data?.cloud ?? ''
  return (
    <div className="front">
      <title>{[title, name].filter(Boolean).join(' · ')}</title>
      <aside className="front-side">
        <Logo name={name} />
        <div>
          <p className="front-claim">Servers, disks, networks and files, in one cloud of your own.</p>
          <ul className="front-points">
            <li>Boot a machine in seconds from an image you uploaded</li>
            <li>Only bytes the cloud does not know yet travel</li>
            <li>The APIs your tools already speak</li>
          </ul>
        </div>
        <svg className="front-sky" viewBox="0 0 600 300" aria-hidden="true" preserveAspectRatio="xMidYMax slice">
          <path d="M-20 300c0-70 50-110 110-110 10-60 60-100 125-100 55 0 100 32 118 78 12-6 26-9 40-9 45 0 82 34 86 78 62 0 110 28 131 63z" />
          <path d="M120 320c0-50 40-84 88-84 14-44 52-70 98-70 50 0 92 34 100 80 50-6 90 24 96 74z" />
        </svg>
      </aside>
      <div className="front-stage">
        <CloudBanner />
        <main className="front-main">
          <div className="front-logo">
            <Logo name={name} />
          </div>
          <h1>{title}</h1>
          {lead !== undefined && <p className="front-lead">{lead}</p>}
          {children}
          {foot !== undefined && <p className="front-foot">{foot}</p>}
        </main>
      </div>
    </div>
  )
}
