import { argument, outputFormat } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { describeCommission } from '../quota/commissions.ts'
import { defineCommand, readSerial } from './define.ts'

export const commissionShow = defineCommand({
  name: 'commission-show',
  summary: 'Show a pending commission',
  input: { serial: argument('its number', { read: readSerial }), outputFormat },
  async run({ identity, terminal }, { serial }) {
    const commission = await describeCommission(identity.db, serial)
    if (!commission) throw new Fault('itemNotFound', `There is no pending commission ${serial}`)
    const { name, component, issuedAt, provisions } = commission
    terminal.record({ serial, name, clientkey: component, issue_time: issuedAt })
    terminal.table(
      provisions.map((provision) => ({ ...provision })),
      { fields: ['holder', 'resource', 'source', 'quantity'], title: 'Provisions' },
    )
  },
})
