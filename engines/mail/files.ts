// Mail as files, for a cloud without a mail server: one `.eml` per mail, readable by its owner only, that any
// mail program opens and that administrators can read on a page.
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { compose } from './compose.ts'
import { checkMailId, MailRefused } from './errors.ts'
import type { Mail, Mailer } from './index.ts'

export async function openFiles(folder: string): Promise<Mailer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })

  /** Names sort by time: `2026-01-31T12-00-00.000Z_<id>.eml`. */
  const nameOf = (mail: Mail) => `${mail.date.toISOString().replaceAll(':', '-')}_${mail.id}.eml`
  const namesNewestFirst = async () =>
    (await readdir(folder))
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .reverse()

  return {
    can: { keep: true },
    async send(mail) {
      checkMailId(mail.id)
      if (!/^[^\s@]+@[^\s@]+$/.test(mail.to.trim())) throw new MailRefused(`Not a mail address: ${mail.to}`)
      const path = join(folder, nameOf(mail))
      const content = await compose(mail)
      // Written beside and renamed, so that a mail is never half there. The same mail again replaces itself.
      await writeDurably(`${path}.part`, content)
      await rename(`${path}.part`, path)
      await syncFolder(folder)
    },
    async list(limit) {
      const names = (await namesNewestFirst()).slice(0, limit)
      const mails = await Promise.all(names.map((name) => readMail(join(folder, name), idOf(name))))
      return mails.filter((mail) => mail !== undefined)
    },
    async read(id) {
      const name = (await namesNewestFirst()).find((candidate) => idOf(candidate) === id)
      return name === undefined ? undefined : readMail(join(folder, name), id)
    },
    close: async () => {},
  }
}

const idOf = (name: string) => name.slice(name.indexOf('_') + 1, -'.eml'.length)

async function readMail(path: string, id: string): Promise<Mail | undefined> {
  try {
    const { from, to, subject, text, date } = await PostalMime.parse(await readFile(path))
    return {
      id,
      from: written(from),
      to: (to ?? []).map(written).join(', '),
      subject: subject ?? '',
      text: (text ?? '').replace(/\n$/, ''),
      date: new Date(date ?? 0),
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined // removed meanwhile
    throw error
  }
}

const written = (address: { name?: string; address?: string } | undefined) =>
  address?.name ? `${address.name} <${address.address ?? ''}>` : (address?.address ?? '')

async function writeDurably(path: string, content: Buffer): Promise<void> {
  await rm(path, { force: true })
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(content)
  await file.sync()
}

async function syncFolder(folder: string): Promise<void> {
  await using handle: FileHandle = await open(folder)
  await handle.sync()
}
