// The texts of mails, as files that operators may replace by files of the same name. All are read once, so that
// rendering looks nothing up on disk. A text of an operator that does not work is logged and ours takes its place: a
// mail is never lost to a typing error.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '@synnefo/lib/log'
import { LayoutTag, Liquid } from 'liquidjs'
import manifest from '../package.json' with { type: 'json' }
import type { IdentitySettings } from '../settings/index.ts'
import { FRAME, type MailTemplate, type MailVariables, SUBJECT_OF } from './mails.ts'
import { fillSubject, SUBJECTS } from './subjects.ts'

export interface MailText {
  subject: string
  body: string
}

export interface MailTexts {
  render<Name extends MailTemplate>(template: Name, variables: MailVariables[Name]): MailText
}

export interface MailTextsOptions {
  settings: IdentitySettings
  log: Log
  baseUrl: () => string
  /** Folders with texts of the operator; a later one wins. Missing ones are skipped. */
  folders: readonly string[]
}

const SHIPPED = fileURLToPath(new URL('./templates/', import.meta.url))

/** No text of an operator makes a mail longer, or takes longer to render. */
const LONGEST_CHARACTERS = 100_000
const LONGEST_MILLIS = 2_000

export async function openMailTexts({ settings, log, baseUrl, folders }: MailTextsOptions): Promise<MailTexts> {
  const shipped = await readTemplates(SHIPPED)
  const known = new Set<string>([FRAME, ...Object.keys(SUBJECT_OF)])
  const overrides: Record<string, string> = {}
  for (const folder of folders) {
    const texts = await readTemplates(folder).catch((error: unknown) => {
      log.error({ folder, error }, "the operator's texts of mails cannot be read")
      return {}
    })
    Object.assign(overrides, texts)
  }
  for (const name of Object.keys(overrides)) {
    // Other files may be parts that the texts include.
    if (!known.has(name)) log.info({ template: name }, 'a template of the operator is none that mails are made of')
  }
  const ours = openEngine(shipped)
  const theirs = Object.keys(overrides).length > 0 ? openEngine({ ...shipped, ...overrides }) : undefined

  function body(template: MailTemplate, variables: object): string {
    if (theirs) {
      try {
        return tidy(theirs.renderFileSync(template, variables))
      } catch (error) {
        log.error({ template, error }, 'a template of the operator does not work: the mail goes out with the standard text')
      }
    }
    return tidy(ours.renderFileSync(template, variables))
  }

  return {
    render(template, variables) {
      const key = SUBJECT_OF[template]
      const words = { service: settings.BRANDING_SERVICE_NAME, user: userOf(variables), name: nameOf(variables) }
      const common = { ...branding(settings), support: settings.CONTACT_EMAIL, baseurl: baseUrl() }
      return {
        subject: fillSubject(settings[`ASTAKOS_${key}_MESSAGE`] || SUBJECTS[key], words),
        body: body(template, { ...common, ...variables }),
      }
    },
  }
}

/** Templates by name, such as im/email.txt. */
async function readTemplates(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.txt'))
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [relative(folder, path), await readFile(path, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}

/** Knows these templates and no file beside them; a variable or filter that does not exist is an error. */
function openEngine(templates: Record<string, string>): Liquid {
  const engine = new Liquid({
    templates,
    cache: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    timezoneOffset: 0,
    parseLimit: LONGEST_CHARACTERS,
    renderLimit: LONGEST_MILLIS,
    memoryLimit: 10 * LONGEST_CHARACTERS,
  })
  engine.registerTag('extends', LayoutTag) // as the templates of existing installations call it
  engine.registerFilter('or_unchanged', (value: unknown) => value ?? '(unchanged)')
  engine.registerFilter('yes_or_no', (value: unknown) => (value ? 'yes' : 'no'))
  return engine
}

/** Without blank lines at the ends and more than one in the middle, where something was left out. */
function tidy(text: string): string {
  if (text.length > LONGEST_CHARACTERS) throw new Error(`the text has more than ${LONGEST_CHARACTERS} characters`)
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`
}

function branding(settings: IdentitySettings): Record<string, unknown> {
  const { BRANDING_COMPANY_NAME: company, BRANDING_COPYRIGHT_MESSAGE: copyright } = settings
  return {
    ...Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith('BRANDING_'))),
    BRANDING_COPYRIGHT_MESSAGE: copyright || `Copyright (c) 2011-${new Date().getUTCFullYear()} ${company}`.trim(),
    BRANDING_SYNNEFO_VERSION: manifest.version,
  }
}

interface Named {
  email?: string
  name?: string
}

const userOf = (variables: object) => ('user' in variables ? (variables.user as Named).email : undefined)

function nameOf(variables: object): string | undefined {
  const about = 'object' in variables ? variables.object : 'application' in variables ? variables.application : undefined
  return (about as Named | undefined)?.name
}
