// What a person chooses about a public link, and what the cloud is told.
import type { LinkLimits, PublicLink } from '@synnefo/clients/object-store'

const DAY = 86_400

export interface LinkDraft {
  /** `keep`, `never`, or one of `ENDS`. */
  end: string
  downloads: string
  /** Empty: as it is, which is none for a new link. */
  password: string
  noPassword: boolean
}

export const ENDS = [
  { value: '3600', label: 'In an hour' },
  { value: String(DAY), label: 'In a day' },
  { value: String(7 * DAY), label: 'In a week' },
  { value: String(30 * DAY), label: 'In 30 days' },
  { value: String(365 * DAY), label: 'In a year' },
]

export const draftOf = (link: PublicLink | undefined): LinkDraft => ({
  end: link?.expiresAt ? 'keep' : 'never',
  downloads: link?.downloadsLeft === undefined ? '' : String(link.downloadsLeft),
  password: '',
  noPassword: false,
})

const MOST_DOWNLOADS = 1_000_000_000

export function downloadsProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined
  const downloads = /^\d+$/.test(text.trim()) ? Number(text) : 0
  return downloads >= 1 && downloads <= MOST_DOWNLOADS
    ? undefined
    : `A number from 1 to ${MOST_DOWNLOADS.toLocaleString()}, or nothing`
}

/** Only what differs from the link there is: its count goes on meanwhile, and its end is a moment, not a span. */
export function limitsOf(draft: LinkDraft, link: PublicLink | undefined): LinkLimits {
  const downloads = draft.downloads.trim() === '' ? undefined : Number(draft.downloads)
  return {
    ...(draft.end === 'keep' || (draft.end === 'never' && !link?.expiresAt)
      ? {}
      : { expiresInSeconds: draft.end === 'never' ? null : Number(draft.end) }),
    ...(downloads === link?.downloadsLeft ? {} : { downloads: downloads ?? null }),
    ...(draft.noPassword ? { password: null } : draft.password === '' ? {} : { password: draft.password }),
  }
}
