import { NavLink } from 'react-router'
import { PLACES } from './places.ts'

export function SideNav({ roles, onLeave }: { roles: string[]; onLeave: () => void }) {
  return (
    <nav className="side-nav" aria-label="Main">
      {PLACES.filter(({ role }) => role === undefined || roles.includes(role)).map(({ title, places }) => (
        <section key={title ?? ''}>
          {title !== undefined && <h2>{title}</h2>}
          <ul>
            {places.map(({ text, to, icon: Icon }) => (
              <li key={to}>
                <NavLink to={to} end={to === '/'} onClick={onLeave}>
                  <Icon size={18} strokeWidth={1.8} aria-hidden />
                  {text}
                </NavLink>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}
