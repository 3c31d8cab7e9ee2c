import { option, type Terminal } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { writeJson } from '@synnefo/lib/json'
import { type Statistics, statistics } from '../statistics.ts'
import { showQuantity, type UnitStyle } from '../wire/quantities.ts'
import { defineCommand, readUnitStyle } from './define.ts'

export const statsAstakos = defineCommand({
  name: 'stats-astakos',
  summary: 'Show how many people there are and what is used, in all and by way to sign in',
  input: {
    unitStyle: option('how bytes are written', { default: 'auto' as UnitStyle, read: readUnitStyle, placeholder: 'style' }),
  },
  async run({ identity, terminal }, { unitStyle }) {
    if (terminal.format === 'csv') throw new Fault('badRequest', 'Statistics are written as pretty or json, not as csv')
    const found = await statistics(identity)
    if (terminal.format === 'json') terminal.line(writeJson(found, 4))
    else showTables(terminal, found, unitStyle)
  },
})

function showTables(terminal: Terminal, { users, resources }: Statistics, style: UnitStyle): void {
  const people = Object.entries(users).map(([provider, counts]) => ({ Provider: provider, ...headed(counts) }))
  terminal.table(people, { fields: ['Provider', 'Total', 'Verified', 'Active', 'Exclusive'], title: 'Users per Provider' })
  for (const [provider, sums] of Object.entries(resources)) {
    const rows = Object.entries(sums).map(([resource, { used, allocated, unit }]) => ({
      Resource: resource,
      Used: showQuantity(used, unit, style),
      Allocated: showQuantity(allocated, unit, style),
      Usage: allocated === 0n ? '-' : `${(Number((used * 10_000n) / allocated) / 100).toFixed(2)}%`,
    }))
    const title = provider === 'all' ? 'Resources of all users' : `Resources of users of ${provider} only`
    terminal.line('')
    terminal.table(rows, { fields: ['Resource', 'Used', 'Allocated', 'Usage'], title })
  }
}

const headed = ({ total, verified, active, exclusive }: Statistics['users'][string]) => ({
  Total: total,
  Verified: verified,
  Active: active,
  Exclusive: exclusive ?? '-',
})
