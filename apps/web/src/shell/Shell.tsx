import { useSuspenseQuery } from '@tanstack/react-query'
import { Menu, X } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router'
import { listen } from '../cloud/live.ts'
import { sessionQuery } from '../cloud/queries.ts'
import { recallInterrupted, useUploads } from '../uploads/queue.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { CloudBanner } from './CloudBanner.tsx'
import { LiveMark } from './LiveMark.tsx'
import { Logo } from './Logo.tsx'
import { OutcomeBanner } from './OutcomeBanner.tsx'
import { SideNav } from './SideNav.tsx'
import './shell.css'

const UploadsDock = lazy(() => import('../uploads/UploadsDock.tsx'))

/** What stays while pages come and go: where one can go, who one is. */
export default function Shell() {
  const { data: session } = useSuspenseQuery({ ...sessionQuery, refetchInterval: 60_000, refetchOnWindowFocus: 'always' })
  const [open, setOpen] = useState(false)
  const navigation = useNavigation()
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const uploads = useUploads().filter(({ account }) => account === session.user.uuid)

  useEffect(listen, [])
  useEffect(recallInterrupted, [])
  const [person] = useState(session.user.uuid)
  useEffect(() => {
    // Somebody else signed in, in another window: nothing here is theirs.
    if (session.user.uuid !== person) location.assign('/')
  }, [session.user.uuid, person])
  const shown = useRef(pathname)
  useEffect(() => {
    // A new page is announced by its heading to those who do not see it.
    if (pathname !== shown.current) main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
    shown.current = pathname
  }, [pathname])
  useEffect(() => {
    if (!open) return
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)
    addEventListener('keydown', close)
    return () => removeEventListener('keydown', close)
  }, [open])

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <aside id="side" className={open ? 'side side-open' : 'side'}>
        <Link to="/" className="side-logo" onClick={() => setOpen(false)}>
          <Logo name={session.cloud.name} />
        </Link>
        <SideNav roles={session.user.roles} onLeave={() => setOpen(false)} />
      </aside>
      {open && <button type="button" className="side-shade" aria-label="Close the menu" onClick={() => setOpen(false)} />}
      <div className="stage">
        <div className={navigation.state === 'idle' ? 'travel' : 'travel travel-on'} aria-hidden />
        <header className="top">
          <button
            type="button"
            className="top-menu"
            aria-label={open ? 'Close the menu' : 'Open the menu'}
            aria-expanded={open}
            aria-controls="side"
            onClick={() => setOpen(!open)}
          >
            {open ? <X size={20} aria-hidden /> : <Menu size={20} aria-hidden />}
          </button>
          <Link to="/" className="top-logo">
            <Logo name={session.cloud.name} />
          </Link>
          <span className="top-gap" />
          <LiveMark />
          <AccountMenu person={session.user} />
        </header>
        <CloudBanner />
        <main id="main" ref={main}>
          <OutcomeBanner />
          <Outlet />
        </main>
      </div>
      {uploads.length > 0 && (
        <Suspense>
          <UploadsDock uploads={uploads} />
        </Suspense>
      )}
      <ScrollRestoration />
    </div>
  )
}
