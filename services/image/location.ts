// Where an image's data lies: pithos://<account>/<container>/<path>, each part percent-encoded (image-api.md §3.2).
import { Fault } from '@synnefo/lib/fault'
import type { Place } from '@synnefo/object-store'

/** Leaves letters, digits and `_.-/` as they are. */
export function encodeText(text: string): string {
  return encodeURIComponent(text)
    .replace(/%2F/g, '/')
    .replace(/[!'()*~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Percent-decodes UTF-8; anything else is the client's mistake. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new Fault('badRequest', 'Could not decode request as UTF-8 string', { cause: error })
  }
}

export function writeLocation({ account, container, name }: Place): string {
  return `pithos://${[account, container, name].map(encodeText).join('/')}`
}

export function readLocation(location: string): Place {
  const [, account, container, name] = /^pithos:\/\/([^/]+)\/([^/]+)\/(.+)$/.exec(location) ?? []
  if (!account || !container || !name) {
    throw new Fault(
      'badRequest',
      `Invalid location '${location.slice(0, 200)}': it must be pithos://<account>/<container>/<path>.`,
    )
  }
  return { account: decodeText(account), container: decodeText(container), name: decodeText(name) }
}
