import { defineScopedListing, flag } from '@synnefo/lib/commands'
import { sql } from '@synnefo/lib/sql'
import { listSummaries, type ProjectSummary } from '../store/project-list.ts'
import { peopleDirectory } from '../users/directory.ts'
import { overallStatus } from '../wire/project-states.ts'
import { defineCommand } from './define.ts'

const OWNER_EMAIL = 'owner.email'

const listing = defineScopedListing<ProjectSummary>(
  {
    id: { help: 'uuid', cell: ({ uuid }) => uuid, shown: true },
    name: { help: 'name', cell: ({ realname }) => realname, shown: true },
    owner: { help: "the owner's e-mail address", cell: ({ ownerEmail }) => ownerEmail, shown: true },
    status: {
      help: 'how things stand',
      cell: ({ state, lastApplicationState }) => overallStatus(state, lastApplicationState),
      shown: true,
    },
    pending_app: { help: 'number of the application that waits for a decision', cell: pendingApplication, shown: true },
    description: { help: 'description', cell: ({ description }) => description },
    end_date: { help: 'when it ends', cell: ({ endDate }) => endDate },
    creation_date: { help: 'when it was applied for', cell: ({ createdAt }) => createdAt },
    deactivation_date: { help: 'when it was suspended or terminated', cell: ({ deactivatedAt }) => deactivatedAt },
  },
  {
    id: { help: 'uuid', column: sql`p.uuid`, type: 'text' },
    uuid: { help: 'uuid', column: sql`p.uuid`, type: 'text' },
    name: { help: 'name', column: sql`p.realname`, type: 'text' },
    owner: { help: 'uuid or e-mail address of the owner', column: sql`o.uuid`, type: 'text' },
    [OWNER_EMAIL]: { help: 'e-mail address of the owner', column: sql`o.email`, type: 'text' },
    state: { help: 'uninitialized, active, suspended, terminated or deleted', column: sql`p.state`, type: 'text' },
    is_base: { help: "a person's system project", column: sql`p.is_base`, type: 'boolean' },
    private: { help: 'hidden from strangers', column: sql`p.private`, type: 'boolean' },
    homepage: { help: 'homepage', column: sql`p.homepage`, type: 'text' },
    description: { help: 'description', column: sql`p.description`, type: 'text' },
    join_policy: { help: 'auto, moderated or closed', column: sql`p.join_policy`, type: 'text' },
    leave_policy: { help: 'auto, moderated or closed', column: sql`p.leave_policy`, type: 'text' },
    max_members: { help: 'members at most', column: sql`p.max_members`, type: 'number' },
    end_date: { help: 'when it ends', column: sql`p.end_date`, type: 'date' },
    creation_date: { help: 'when it was applied for', column: sql`p.created_at`, type: 'date' },
  },
  { owner: { column: sql`o.uuid`, uuid: ({ ownerUuid }) => ownerUuid } },
)

function pendingApplication({ lastApplication, lastApplicationState }: ProjectSummary): bigint | null {
  return lastApplicationState === 'pending' ? lastApplication : null
}

/** An owner is named by uuid or by address; addresses are compared in lower case. */
function ownersByEmail(expression: string | undefined): string | undefined {
  return expression
    ?.replace(/(^|,)(\s*)owner__email\b/g, `$1$2${OWNER_EMAIL}`)
    .replace(
      /(^|,)\s*owner(?:\.email)?\s*(!=|=)\s*([^,]*@[^,]*)/g,
      (_, before: string, operator: string, email: string) => `${before}${OWNER_EMAIL}${operator}${email.toLowerCase()}`,
    )
}

export const projectList = defineCommand({
  name: 'project-list',
  summary: 'List projects',
  input: {
    ...listing.input,
    new: flag('only those that wait to be approved'),
    modified: flag('only those with a change that waits to be approved'),
    pending: flag('both of these'),
    deleted: flag('also those that were terminated, cancelled or dismissed'),
    systemProjects: flag("also people's system projects"),
  },
  async run({ identity, terminal }, { new: isNew, modified, pending, deleted, systemProjects, ...input }) {
    const { db } = identity
    const filter = {
      isNew: isNew || pending,
      isModified: modified || pending,
      withDeleted: deleted,
      withSystem: systemProjects,
    }
    const asked = { ...input, filterBy: ownersByEmail(input.filterBy) }
    await listing.show(terminal, asked, (condition) => listSummaries(db, { condition, ...filter }), {
      people: peopleDirectory(identity),
    })
  },
})
