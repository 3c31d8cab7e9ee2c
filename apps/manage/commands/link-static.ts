import { lstat, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cloudbarFolder } from '@synnefo/identity'
import { flag, option } from '@synnefo/lib/commands'
import { defineCommand } from './define.ts'

/** Folders with files that are the same for everybody, by where clients look for them. */
const STATIC = { 'im/cloudbar': cloudbarFolder }

export const linkStatic = defineCommand({
  name: 'link_static',
  summary: 'Put links to static files where a web server in front of the cloud can serve them',
  description: 'The cloud serves them itself; this only takes work off it.',
  input: {
    staticRoot: option('folder for the links; by default the setting MEDIA_ROOT', { placeholder: 'folder' }),
    dryRun: flag('only say what would be done'),
  },
  async run({ settings, terminal }, { staticRoot = settings.MEDIA_ROOT, dryRun }) {
    for (const [name, url] of Object.entries(STATIC)) {
      const target = fileURLToPath(url).replace(/\/$/, '')
      const link = join(staticRoot, name)
      const present = await lstat(link).catch(() => undefined)
      if (present?.isSymbolicLink() && (await readlink(link)) === target) terminal.error(`${link} leads to ${target} already`)
      else if (dryRun) terminal.error(present ? `${link} is in the way` : `Would link ${link} to ${target}`)
      else {
        await terminal.attempt(`Linking ${link} to ${target}`, async () => {
          await mkdir(dirname(link), { recursive: true })
          await symlink(target, link)
        })
      }
    }
  },
})
