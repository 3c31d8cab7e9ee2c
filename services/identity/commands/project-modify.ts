import { flag, option, optionalArgument, readYesOrNo, tuples } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { programActor } from '../projects/actor.ts'
import { type DirectChange, modifyProject, modifySystemProjects } from '../projects/modify.ts'
import { parseIsoDate } from '../wire/dates.ts'
import { POLICIES, type Policy } from '../wire/project-states.ts'
import { defineCommand, findPerson, readQuantity } from './define.ts'

const policy = { read: readPolicy, placeholder: POLICIES.join('|') }

export const projectModify = defineCommand({
  name: 'project-modify',
  summary: 'Change a project without an application, or the limits of all system projects',
  input: {
    project: optionalArgument('uuid'),
    allSystemProjects: flag("change people's system projects, all of them"),
    exclude: option('but these', { placeholder: 'uuid,uuid' }),
    name: option('name'),
    owner: option('who owns it', { placeholder: 'uuid|email' }),
    homepage: option('homepage', { placeholder: 'url' }),
    description: option('description', { placeholder: 'text' }),
    endDate: option('when it ends, such as 2030-01-31T12:00:00Z', { read: readDate, placeholder: 'date' }),
    joinPolicy: option('how people join', policy),
    leavePolicy: option('how people leave', policy),
    maxMembers: option('members at most, or inf', { read: readQuantity, placeholder: 'number' }),
    private: option('hide it from strangers', { read: readYesOrNo, placeholder: 'yes|no' }),
    limit: tuples('what a member, and the whole project, may use of a resource, such as cyclades.ram 2GiB 20GiB', {
      words: ['resource', 'member', 'project'],
    }),
  },
  async run({ identity, terminal }, { project, allSystemProjects, exclude, limit, owner, ...fields }) {
    const limits = Object.fromEntries(
      limit.map(([resource, member, whole]) => [resource, { member: readQuantity(member), project: readQuantity(whole) }]),
    )
    const change: DirectChange = Object.fromEntries(
      Object.entries({
        ...fields,
        owner: owner === undefined ? undefined : (await findPerson(identity.db, owner)).uuid,
        limits: limit.length === 0 ? undefined : limits,
      }).filter(([, value]) => value !== undefined),
    )
    if (Object.keys(change).length === 0) throw refused('Nothing to change: name a limit or another option')
    const actor = programActor('snf-manage')
    if (!allSystemProjects) {
      if (exclude !== undefined) throw refused('--exclude goes with --all-system-projects')
      if (project === undefined) throw refused('Give the uuid of a project, or --all-system-projects')
      await identity.db.transaction((tx) => modifyProject(identity, tx, actor, project, change))
      return
    }
    if (project !== undefined) throw refused('Give either the uuid of a project or --all-system-projects')
    const main = (['name', 'owner', 'homepage', 'description'] as const).find((field) => change[field] !== undefined)
    if (main) throw refused(`The ${main} of system projects cannot be changed`)
    const except = exclude?.split(',').map((uuid) => uuid.trim()) ?? []
    const count = await identity.db.transaction((tx) => modifySystemProjects(identity, tx, actor, change, except))
    terminal.error(`Changed ${count} system projects.`)
  },
})

const refused = (message: string) => new Fault('badRequest', message)

function readPolicy(word: string): Policy {
  const known = POLICIES.find((each) => each === word)
  if (!known) throw refused(`'${word}' is no policy: one of ${POLICIES.join(', ')}`)
  return known
}

function readDate(word: string): Date {
  const date = parseIsoDate(word)
  if (!date) throw refused(`'${word}' is no date such as 2030-01-31T12:00:00Z`)
  return date
}
