import type { Command } from '@synnefo/lib/commands'
import type { ManageContext } from './define.ts'
import { linkStatic } from './link-static.ts'
import { loaddata } from './loaddata.ts'
import { migrate, syncdb } from './migrate.ts'
import { shell } from './shell.ts'
import { showUrls } from './show-urls.ts'

export type { ManageContext } from './define.ts'

export const cloudCommands: readonly Command<ManageContext>[] = [migrate, syncdb, loaddata, shell, showUrls, linkStatic]
