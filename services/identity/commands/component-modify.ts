import { argument, flag, option } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { findComponent, moveComponent, purgeServices, renewComponentToken } from '../registry/components.ts'
import { defineCommand, noteCommand, readUrl } from './define.ts'

export const componentModify = defineCommand({
  name: 'component-modify',
  summary: 'Change the addresses or the token of a component, or take its services away',
  description: 'An empty address takes the one away that is registered; a component of this cloud is then below its address.',
  input: {
    component: argument('id or name'),
    baseUrl: option('where its services are', { read: readUrl, placeholder: 'url' }),
    uiUrl: option('where its pages are', { read: readUrl, placeholder: 'url' }),
    authToken: option('set this token; the old one ends', { placeholder: 'token' }),
    renewToken: flag('make a new token and print it; the old one ends'),
    purgeServices: flag('take away all services that it registered'),
  },
  async run({ identity, terminal }, { component: word, baseUrl, uiUrl, authToken, renewToken, purgeServices: purge }) {
    const moves = baseUrl !== undefined || uiUrl !== undefined
    if (!moves && authToken === undefined && !renewToken && !purge) {
      throw new Fault(
        'badRequest',
        'Nothing to change: give --base-url, --ui-url, --auth-token, --renew-token or --purge-services',
      )
    }
    if (authToken !== undefined && renewToken) {
      throw new Fault('badRequest', 'Give either --auth-token or --renew-token')
    }
    const { renewed, name } = await identity.db.transaction(async (tx) => {
      const component = await findComponent(tx, word)
      const { id } = component
      if (moves) await moveComponent(identity, tx, id, { baseUrl, uiUrl })
      const token = authToken !== undefined || renewToken ? await renewComponentToken(identity, tx, id, authToken) : undefined
      const purged = purge ? await purgeServices(identity, tx, id) : []
      const asked = { baseUrl, uiUrl, token: token === undefined ? undefined : 'changed', purged }
      await noteCommand(tx, 'component-modify', `component:${component.name}`, asked)
      return { renewed: token, name: component.name }
    })
    if (renewToken) terminal.line(`Component's new token: ${renewed}`)
    terminal.error(`Component '${name}' is modified.`)
  },
})
