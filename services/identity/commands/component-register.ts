import { argument, flag, option, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { componentUrls } from '../registry/catalog.ts'
import { addComponent, moveComponent, purgeServices } from '../registry/components.ts'
import { exportDocument, importDocument } from '../registry/document.ts'
import { STANDARD_COMPONENTS } from '../registry/standard-services.ts'
import { type ComponentRow, findComponent } from '../store/components.ts'
import { defineCommand, noteCommand, readUrl } from './define.ts'

const NAMES = STANDARD_COMPONENTS.map(({ name }) => name)

export const componentRegister = defineCommand({
  name: 'snf-component-register',
  summary: 'Register the standard components with their services, asking where each is',
  description: `Without a component, each of ${NAMES.join(', ')} in turn. With --yes nothing is asked: an address that is not given is the one that is registered, or below this cloud.`,
  input: {
    component: { ...argument('only this one'), optional: true },
    yes: flag('ask nothing', { short: 'y' }),
    baseUrl: option('where its services are', { read: readUrl, placeholder: 'url' }),
    uiUrl: option('where its pages are; by default below its services', { read: readUrl, placeholder: 'url' }),
  },
  async run({ identity, terminal }, { component, yes, baseUrl, uiUrl }) {
    if (component !== undefined && !NAMES.includes(component)) {
      throw new Fault('badRequest', `Component '${component}' is not recognized: one of ${NAMES.join(', ')}`)
    }
    if (component === undefined && (baseUrl ?? uiUrl) != null) {
      throw new Fault('badRequest', 'Please name the component that the address is of')
    }
    for (const name of component === undefined ? NAMES : [component]) {
      await register(identity, yes ? automatic(terminal) : asking(terminal), name, { baseUrl, uiUrl })
    }
    terminal.error(
      "\nSet the limits that people have by default with 'snf-manage resource-modify --system-default-interactive', and see them with 'snf-manage resource-list'.",
    )
  },
})

/** How the questions are answered: by a person, or as they are meant to be. */
interface Questions {
  agree(question: string): Promise<boolean>
  url(question: string, suggestion: string): Promise<string>
  show(text: string): Promise<void>
  say(text: string): void
}

const automatic = (terminal: Terminal): Questions => ({
  agree: async () => true,
  url: async (_, suggestion) => suggestion,
  show: async (text) => terminal.line(text),
  say: (text) => terminal.error(text),
})

const asking = (terminal: Terminal): Questions => ({
  agree: (question) => terminal.confirm(question),
  async url(question, suggestion) {
    for (;;) {
      const answer = await terminal.ask(`${question} [${suggestion}]: `)
      try {
        return answer ? (readUrl(answer) ?? suggestion) : suggestion
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        terminal.error(error.message)
      }
    }
  },
  async show(text) {
    terminal.line(text)
    await terminal.ask('Press Enter when you have taken note of it. ')
  },
  say: (text) => terminal.error(text),
})

interface Urls {
  baseUrl: string | null | undefined
  uiUrl: string | null | undefined
}

async function register(identity: Identity, questions: Questions, name: string, given: Urls): Promise<void> {
  const registered = await findComponent(identity.db, name)
  const what = registered ? `Component '${name}' is registered. Register it again?` : `Register component '${name}'?`
  if (!(await questions.agree(what))) return
  const { path } = STANDARD_COMPONENTS.find((component) => component.name === name)!
  const now = registered ? componentUrls(registered, identity.baseUrl()).baseUrl : null
  const baseUrl = given.baseUrl ?? (await questions.url(`Base URL of ${name}`, now ?? `${identity.baseUrl()}/${path}`))
  const uiUrl = given.uiUrl ?? (await questions.url(`UI URL of ${name}`, `${baseUrl}/ui`))
  if (!(await questions.agree(`Register '${name}' with base URL ${baseUrl} and UI URL ${uiUrl}?`))) return

  const { token, report } = await identity.db.transaction(async (tx) => {
    const secret = registered ? await replace(registered) : await addComponent(identity, tx, name, { baseUrl, uiUrl })
    const imported = await importDocument(identity, tx, exportDocument(name, baseUrl))
    await noteCommand(tx, 'component-register', `component:${name}`, { baseUrl, uiUrl })
    return { token: secret, report: imported }

    async function replace({ id }: ComponentRow): Promise<undefined> {
      await moveComponent(identity, tx, id, { baseUrl, uiUrl })
      await purgeServices(identity, tx, id)
    }
  })
  if (token !== undefined) await questions.show(`Token of ${name}: ${token}`)
  for (const text of [...report.warnings, ...report.done]) questions.say(text)
}
