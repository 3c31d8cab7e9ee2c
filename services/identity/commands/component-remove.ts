import { argument, flag } from '@synnefo/lib/commands'
import { findComponent, removeComponent } from '../registry/components.ts'
import { defineCommand, noteCommand } from './define.ts'

export const componentRemove = defineCommand({
  name: 'component-remove',
  summary: 'Remove a component with its services',
  description: 'Its token ends. What was counted of its resources stays counted.',
  input: { component: argument('id or name'), force: flag('do not ask first', { short: 'f' }) },
  async run({ identity, terminal }, { component: word, force }) {
    const { id, name } = await findComponent(identity.db, word)
    await terminal.insist(`Are you sure you want to remove component '${name}' and its services?`, { force })
    await identity.db.transaction(async (tx) => {
      await removeComponent(identity, tx, id)
      await noteCommand(tx, 'component-remove', `component:${name}`)
    })
    terminal.error(`Component '${name}' removed.`)
  },
})
