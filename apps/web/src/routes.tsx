import { ApiError } from '@synnefo/clients/http'
import type { ComponentType } from 'react'
import type { LoaderFunction, RouteObject } from 'react-router'
import { redirect, redirectDocument } from 'react-router'
import { queryClient, sessionQuery } from './cloud/queries.ts'
import NotFoundPage from './pages/NotFoundPage.tsx'
import { RouteError } from './shell/RouteError.tsx'
import { isOwnPage, nextAddress, signInAddress } from './shell/sign-out.ts'

interface PageModule {
  default: ComponentType
  loader?: LoaderFunction
}

/** A page for everybody. */
const open = (load: () => Promise<PageModule>) => async () => {
  const { default: Component, loader } = await load()
  return { Component, ...(loader ? { loader } : {}) }
}

/** A page for those who are signed in: others sign in first and come back. */
const own = (load: () => Promise<PageModule>) => async () => {
  const { default: Component, loader } = await load()
  const guarded: LoaderFunction = async (args, context) => {
    await requireSession(args.request)
    return loader === undefined ? null : loader(args, context)
  }
  return { Component, loader: guarded }
}

async function requireSession(request: Request) {
  const { pathname, search } = new URL(request.url)
  const here = pathname + search
  const session = await queryClient.ensureQueryData(sessionQuery).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
    throw redirect(signInAddress(here))
  })
  if (session.first === 'terms') throw redirect(`/terms?next=${encodeURIComponent(here)}`)
  // Who has to add a way to sign in does that before everything else.
  if (session.missingLogins.length > 0 && !WITHOUT_LOGINS.includes(pathname)) throw redirect('/security')
}

/** Pages for those who lack a way to sign in that is required. */
const WITHOUT_LOGINS = ['/', '/security', '/signin/link']

/** A page that makes no sense for those who are signed in already. */
const anonymous = (load: () => Promise<PageModule>) => async () => {
  const { default: Component, loader: own } = await load()
  const loader: LoaderFunction = async (args, context) => {
    const { request } = args
    const session = await queryClient.ensureQueryData(sessionQuery).catch(() => undefined)
    if (session !== undefined) {
      const next = await nextAddress(new URL(request.url).searchParams.get('next'))
      throw isOwnPage(next) ? redirect(next) : redirectDocument(next)
    }
    return own === undefined ? null : own(args, context)
  }
  return { Component, loader }
}

const signIn = anonymous(() => import('./pages/SignInPage.tsx'))
const signUp = anonymous(() => import('./pages/SignUpPage.tsx'))
const activate = open(() => import('./pages/ActivatePage.tsx'))

const forgotten = open(() => import('./pages/ForgottenPage.tsx'))
const terms = open(() => import('./pages/TermsPage.tsx'))
const feedback = open(() => import('./pages/FeedbackPage.tsx'))

/** The original front page, where the links of invitations lead. */
const index: LoaderFunction = ({ request }) => {
  const code = new URL(request.url).searchParams.get('code')
  return redirect(code === null ? '/' : `/signup?code=${encodeURIComponent(code)}`)
}

const to = (address: string) => ({ loader: () => redirect(address) })

export const routes: RouteObject[] = [
  {
    ErrorBoundary: RouteError,
    HydrateFallback: () => <Splash />,
    children: [
      { path: '/signin', lazy: signIn },
      { path: '/signin/link', lazy: own(() => import('./pages/LinkDirectoryPage.tsx')) },
      { path: '/signup', lazy: signUp },
      { path: '/signup/mail', lazy: open(() => import('./pages/CheckMailPage.tsx')) },
      { path: '/activate', lazy: activate },
      { path: '/forgotten', lazy: forgotten },
      { path: '/terms', lazy: terms },
      { path: '/feedback', lazy: feedback },
      // Addresses of the original pages, which stand in mails and bookmarks.
      { path: '/astakos/ui/activate', lazy: activate },
      { path: '/astakos/ui/login', lazy: signIn },
      { path: '/astakos/ui/signup', lazy: signUp },
      { path: '/astakos/ui/local/password_reset', lazy: forgotten },
      { path: '/astakos/ui/local/password_reset_done', ...to('/signin') },
      { path: '/astakos/ui/local/reset/confirm/:id/:token', lazy: open(() => import('./pages/NewPasswordPage.tsx')) },
      { path: '/astakos/ui/local/password/reset/complete', ...to('/signin') },
      { path: '/astakos/ui/email_change/confirm/:key', lazy: open(() => import('./pages/EmailChangePage.tsx')) },
      { path: '/astakos/ui/approval_terms', lazy: terms },
      { path: '/astakos/ui/approval_terms/:id', lazy: terms },
      { path: '/astakos/ui/feedback', lazy: feedback },
      { path: '/astakos/ui', loader: index },
      { path: '/astakos/ui/api_access', ...to('/access') },
      { path: '/astakos/ui/profile', loader: ({ request }) => redirect(`/security${new URL(request.url).search}`) },
      { path: '/astakos/ui/*', ...to('/') },
      { path: '/cyclades/ui/*', ...to('/servers') },
      { path: '/pithos/ui/*', ...to('/storage') },
      {
        id: 'shell',
        lazy: own(() => import('./shell/Shell.tsx')),
        children: [
          {
            ErrorBoundary: RouteError,
            children: [
              { path: '/', lazy: own(() => import('./pages/HomePage.tsx')) },
              { path: '/access', lazy: own(() => import('./pages/AccessPage.tsx')) },
              { path: '/security', lazy: own(() => import('./pages/SecurityPage.tsx')) },
              { path: '/storage', lazy: own(() => import('./pages/StoragePage.tsx')) },
              { path: '/storage/:container', lazy: own(() => import('./pages/ContainerPage.tsx')) },
              { path: '/groups', lazy: own(() => import('./pages/GroupsPage.tsx')) },
              { path: '/search', lazy: own(() => import('./pages/SearchPage.tsx')) },
              { path: '/shared', lazy: own(() => import('./pages/SharedPage.tsx')) },
              { path: '/shared/:account', lazy: own(() => import('./pages/SharerPage.tsx')) },
              { path: '/shared/:account/:container', lazy: own(() => import('./pages/SharedFilesPage.tsx')) },
              { path: '/images', lazy: own(() => import('./pages/ImagesPage.tsx')) },
              { path: '/images/:id', lazy: own(() => import('./pages/ImagePage.tsx')) },
              { path: '/servers', lazy: own(() => import('./pages/ServersPage.tsx')) },
              { path: '/servers/new', lazy: own(() => import('./pages/NewServerPage.tsx')) },
              { path: '/servers/:id', lazy: own(() => import('./pages/ServerPage.tsx')) },
              { path: '/keys', lazy: own(() => import('./pages/KeysPage.tsx')) },
              { path: '/networks', lazy: own(() => import('./pages/NetworksPage.tsx')) },
              { path: '/volumes', lazy: own(() => import('./pages/VolumesPage.tsx')) },
              { path: '/admin/mails', lazy: own(() => import('./pages/MailsPage.tsx')) },
              { path: '/admin', ...to('/admin/mails') },
              { path: '*', Component: NotFoundPage },
            ],
          },
        ],
      },
    ],
  },
]

function Splash() {
  return (
    <div className="splash" role="status" aria-label="Loading">
      <img src="/favicon.svg" alt="" width="56" height="56" />
    </div>
  )
}
