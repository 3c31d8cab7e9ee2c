import { argument, type Cell, flag, option, outputFormat } from '@synnefo/lib/commands'
import { noProject } from '../projects/actor.ts'
import { type ApplicationRow, findApplication } from '../store/applications.ts'
import { countMembers } from '../store/memberships.ts'
import { findSummary, limitsOfProject, membersOfProject } from '../store/project-list.ts'
import { listResources } from '../store/resources.ts'
import { overallStatus } from '../wire/project-states.ts'
import { showQuantity, type UnitStyle } from '../wire/quantities.ts'
import { defineCommand, readUnitStyle } from './define.ts'

export const projectShow = defineCommand({
  name: 'project-show',
  summary: 'Show a project',
  input: {
    project: argument('uuid'),
    pendingApp: flag('show the application that waits too'),
    members: flag('show members too'),
    quota: flag('show usage too'),
    unitStyle: option('how bytes are written', { default: 'mb' as UnitStyle, read: readUnitStyle, placeholder: 'style' }),
    outputFormat,
  },
  async run({ identity, terminal }, { project: uuid, pendingApp, members, quota, unitStyle, outputFormat: format }) {
    const { db } = identity
    const project = await findSummary(db, uuid)
    if (!project) throw noProject(uuid)
    const pending = project.lastApplicationState === 'pending' ? project.lastApplication : null
    terminal.record(
      {
        'project id': project.uuid,
        name: project.realname,
        status: overallStatus(project.state, project.lastApplicationState),
        pending_app: pending,
        owner: project.ownerEmail,
        homepage: project.homepage,
        description: project.description,
        'creation date': project.createdAt,
        'request end date': project.endDate,
        ...(project.deactivatedAt ? { 'deactivation date': project.deactivatedAt } : {}),
        'join policy': project.joinPolicy,
        'leave policy': project.leavePolicy,
        'max members': showQuantity(project.maxMembers, null, 'auto'),
        'total members': await countMembers(db, project.id),
      },
      { format },
    )
    const limits = (await limitsOfProject(db, uuid)).map(({ resource, unit, member, project: whole, usage }) => ({
      name: resource,
      'max per member': showQuantity(member, unit, unitStyle),
      'max per project': showQuantity(whole, unit, unitStyle),
      usage: showQuantity(usage, unit, unitStyle),
    }))
    const fields = ['name', 'max per member', 'max per project', ...(quota ? ['usage'] : [])]
    terminal.table(limits, { fields, format, title: 'Resource limits' })
    if (members) {
      const rows = (await membersOfProject(db, uuid)).map((member) => ({
        'member uuid': member.uuid,
        email: member.email,
        status: member.state,
      }))
      terminal.table(rows, { fields: ['member uuid', 'email', 'status'], format, title: 'Members' })
    }
    if (pendingApp && pending !== null) {
      const application = (await findApplication(db, pending))!
      const units = new Map((await listResources(db)).map(({ name, unit }) => [name, unit]))
      const asked = Object.entries(application.limits).map(([name, { member, project: whole }]) => ({
        name,
        'max per member': showQuantity(member, units.get(name) ?? null, unitStyle),
        'max per project': showQuantity(whole, units.get(name) ?? null, unitStyle),
      }))
      if (format === 'pretty') terminal.line('\nPending Application')
      terminal.record(describe(application), { format })
      terminal.table(asked, { fields: fields.slice(0, 3), format, title: 'Resource limits' })
    }
  },
})

/** What is asked for; what is to stay as it is is left out. */
function describe(application: ApplicationRow): Record<string, Cell> {
  const { maxMembers } = application
  const changes: Record<string, Cell> = {
    name: application.name,
    owner: application.owner,
    homepage: application.homepage,
    description: application.description,
    'request start date': application.startDate,
    'request end date': application.endDate,
    'join policy': application.joinPolicy,
    'leave policy': application.leavePolicy,
    'max members': maxMembers === null ? null : showQuantity(maxMembers, null, 'auto'),
    private: application.private,
  }
  return {
    'project id': application.project,
    'application id': application.id,
    status: application.state,
    applicant: application.applicant,
    'comments for review': application.comments,
    'request issue date': application.issuedAt,
    ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null)),
  }
}
