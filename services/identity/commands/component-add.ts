import { argument, option } from '@synnefo/lib/commands'
import { addComponent } from '../registry/components.ts'
import { defineCommand, noteCommand, readUrl } from './define.ts'

export const componentAdd = defineCommand({
  name: 'component-add',
  summary: 'Register a component and print its token',
  input: {
    name: argument('name, such as cyclades'),
    baseUrl: option('where its services are', { read: readUrl, placeholder: 'url' }),
    uiUrl: option('where its pages are', { read: readUrl, placeholder: 'url' }),
  },
  async run({ identity, terminal }, { name, ...urls }) {
    const token = await identity.db.transaction(async (tx) => {
      const secret = await addComponent(identity, tx, name, urls)
      await noteCommand(tx, 'component-add', `component:${name}`, urls)
      return secret
    })
    terminal.line(`Token: ${token}`)
  },
})
