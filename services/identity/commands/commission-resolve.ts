import { argument, flag } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { acceptCommission, rejectCommission } from '../quota/commissions.ts'
import { defineCommand, noteCommand, readSerial } from './define.ts'

export const commissionResolve = defineCommand({
  name: 'commission-resolve',
  summary: 'Accept or reject a commission that a service left pending',
  description:
    'A service resolves its own commissions, also those that it finds after a crash. This is for one that never comes back: accept what it did, reject what it did not.',
  input: {
    serial: argument('its number', { read: readSerial }),
    accept: flag('what was reserved is used'),
    reject: flag('what was reserved is free again'),
  },
  async run({ identity, terminal }, { serial, accept, reject }) {
    if (accept === reject) throw new Fault('badRequest', 'Give one of --accept and --reject')
    await identity.db.transaction(async (tx) => {
      await (accept ? acceptCommission : rejectCommission)(tx, serial)
      await noteCommand(tx, 'commission-resolve', `commission:${serial}`, { step: accept ? 'accept' : 'reject' })
    })
    terminal.error(`Commission ${serial} ${accept ? 'accepted' : 'rejected'}.`)
  },
})
