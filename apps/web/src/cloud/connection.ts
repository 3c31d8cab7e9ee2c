// How the page talks to the cloud: the session cookie says who asks, and every change carries the session's CSRF token.
import { openAccount } from '@synnefo/clients/account'
import { openCompute } from '@synnefo/clients/compute'
import { openFactors } from '@synnefo/clients/factors'
import { connect } from '@synnefo/clients/http'
import { openIdentity } from '@synnefo/clients/identity'
import { openImages } from '@synnefo/clients/image'
import { openLogins } from '@synnefo/clients/logins'
import { openNetworks } from '@synnefo/clients/network'
import { openProjects } from '@synnefo/clients/projects'
import { openVolumes } from '@synnefo/clients/volume'
import { learn } from './health.ts'

let csrfToken = ''
export function keepCsrfToken(token: string) {
  csrfToken = token
}
/** For what cannot go through `fetch`, such as an upload that reports its progress. */
export const changeHeaders = (): Record<string, string> => ({ 'X-CSRF-Token': csrfToken })

let onSignedOut = () => {}
/** Called when the cloud no longer knows who asks. */
export function whenSignedOut(act: () => void) {
  onSignedOut = act
}

const SAFE = ['GET', 'HEAD']
/** Statuses of whatever stands before the cloud when nothing is behind it. */
const NOBODY_BEHIND = [502, 504]

export const cloud = connect({
  async fetch(input, init) {
    const headers = new Headers(init?.headers)
    if (!SAFE.includes(init?.method ?? 'GET')) headers.set('X-CSRF-Token', csrfToken)
    let answer: Response
    try {
      answer = await fetch(input, { ...init, headers, credentials: 'same-origin' })
    } catch (error) {
      if (!init?.signal?.aborted) learn({ answers: false })
      throw error
    }
    learn({ answers: !NOBODY_BEHIND.includes(answer.status) })
    if (answer.status === 507) learn({ full: true })
    if (answer.status === 401 && csrfToken !== '' && !/\/login(\/ldap)?$|\/logins\/ldap$/.test(String(input))) {
      csrfToken = ''
      onSignedOut()
    }
    return answer
  },
})

export const account = openAccount(cloud)
export const compute = openCompute(cloud)
export const factors = openFactors(cloud)
export const identity = openIdentity(cloud)
export const images = openImages(cloud)
export const logins = openLogins(cloud)
export const networks = openNetworks(cloud)
export const projects = openProjects(cloud)
export const volumes = openVolumes(cloud)
