import '@cloudscape-design/global-styles/index.css'
import 'virtual:theme.css'
import './base.css'
import { I18nProvider } from '@cloudscape-design/components/i18n'
import messages from '@cloudscape-design/components/i18n/messages/all.en'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, RouterProvider } from 'react-router'
import { whenSignedOut } from './cloud/connection.ts'
import { queryClient } from './cloud/queries.ts'
import { routes } from './routes.tsx'
import { isLeaving, signInAddress } from './shell/sign-out.ts'

const router = createBrowserRouter(routes)

whenSignedOut(() => {
  // Where one was about to be, if a page was on its way.
  const { pathname, search } = router.state.navigation.location ?? router.state.location
  if (isLeaving() || pathname.startsWith('/signin')) return
  queryClient.clear()
  void router.navigate(signInAddress(pathname + search), { replace: true, state: { ended: true } })
})

// After an update of the cloud the chunks of the page that is open are gone: take the new page, once.
addEventListener('vite:preloadError', () => {
  if (Date.now() - Number(sessionStorage.getItem('renewed') ?? 0) < 10_000) return
  sessionStorage.setItem('renewed', String(Date.now()))
  location.reload()
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <I18nProvider locale="en" messages={[messages]}>
        <RouterProvider router={router} />
      </I18nProvider>
    </QueryClientProvider>
  </StrictMode>,
)
