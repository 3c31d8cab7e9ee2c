// The list of one's projects and the search for others, as pages show them.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { type ProjectPageRow, pageOfProjects, pageRowOf, type Sort } from '../store/project-pages.ts'
import type { Principal } from '../tokens/authenticate.ts'
import {
  allowedMembershipActions,
  MEMBERSHIP_ACTIONS,
  type MembershipAction,
  type MembershipState,
} from '../wire/membership-states.ts'
import { INITIALIZED, overallStatus, type ProjectState } from '../wire/project-states.ts'
import { isProjectAdmin } from './actor.ts'

export interface ListedProject {
  id: string
  /** As the viewer is shown it: system projects have no name of their own. */
  name: string
  state: ProjectState
  system: boolean
  private: boolean
  /** How things stand; for the owner and project admins. */
  status: string | null
  owner: { id: string; email: string | null } | null
  isOwner: boolean
  appliedAt: Date | null
  createdAt: Date
  endsAt: Date
  /** For the owner and project admins; null for others. */
  members: { approved: number; pending: number } | null
  maxMembers: bigint
  /** The application that waits, for the owner and project admins. */
  pendingApplication: bigint | null
  membership: { id: bigint; state: MembershipState } | null
  /** What the viewer may do about his own membership now. */
  actions: MembershipAction[]
  /** Whether the viewer may ask for changes, and see to the members. */
  canModify: boolean
}

export interface ListOfProjects {
  projects: ListedProject[]
  /** Where the next page begins; absent at the end. */
  next: string | null
}

export interface ListQuery {
  /** `mine`: related to the viewer, and everything for project admins. `search`: what there is to join. */
  scope: 'mine' | 'search'
  search?: string
  sort: Sort
  descending: boolean
  showSystem: boolean
  after?: string
  limit?: number
}

export async function listPage(identity: Identity, viewer: Principal, query: ListQuery): Promise<ListOfProjects> {
  const { scope, search, sort, descending } = query
  const { ASTAKOS_PAGINATE_BY: mine, ASTAKOS_PAGINATE_BY_ALL: found } = identity.settings
  const isAdmin = isProjectAdmin(identity, viewer)
  const limit = query.limit ?? (scope === 'mine' ? mine : found)
  const withSystem = isAdmin && query.showSystem && search === undefined
  const after = query.after === undefined ? undefined : readCursor(query.after, sort, withSystem)
  const from = isAdmin ? 'all' : scope === 'mine' ? 'related' : 'public'
  const page = { viewer: viewer.id, from, withSystem, search, sort, descending, after, limit: limit + 1 } as const
  const rows = await pageOfProjects(identity.db, page)
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  // One's own system project comes first, whatever the order.
  const own = scope === 'mine' && !withSystem && search === undefined && after === undefined
  const first = own ? await pageRowOf(identity.db, viewer.id, viewer.uuid) : undefined
  return {
    projects: [...(first ? [first] : []), ...shown].map((row) => describeRow(identity, viewer, row)),
    next: last ? writeCursor(last) : null,
  }
}

export function describeRow(identity: Identity, viewer: Principal, row: ProjectPageRow): ListedProject {
  const isAdmin = isProjectAdmin(identity, viewer)
  const isOwner = row.owner === viewer.uuid
  const decides = isAdmin || isOwner
  const relation = { isSelf: true, isOwner: false, isAdmin: false }
  const { joinPolicy, leavePolicy } = row
  const facts = { state: row.membershipState ?? ('none' as const), projectState: row.state, joinPolicy, leavePolicy }
  return {
    id: row.uuid,
    name: nameShown(identity, viewer, row),
    state: row.state,
    system: row.isBase,
    private: row.private,
    status: decides ? overallStatus(row.state, row.lastApplicationState) : null,
    owner: row.owner === null ? null : { id: row.owner, email: decides ? row.ownerEmail : null },
    isOwner,
    appliedAt: row.appliedAt,
    createdAt: row.createdAt,
    endsAt: row.endDate,
    members: decides ? { approved: row.approved, pending: row.pending } : null,
    maxMembers: row.maxMembers,
    pendingApplication: decides && row.lastApplicationState === 'pending' ? row.lastApplication : null,
    membership: row.membership === null ? null : { id: row.membership, state: row.membershipState! },
    actions: allowedMembershipActions(MEMBERSHIP_ACTIONS, facts, relation),
    canModify: decides && INITIALIZED.includes(row.state),
  }
}

function nameShown({ settings }: Identity, viewer: Principal, row: ProjectPageRow): string {
  if (!row.isBase) return row.realname
  if (row.uuid === viewer.uuid) return 'System project'
  const whose = `${row.personEmail ?? row.uuid} ${row.personName ?? ''}`.trim()
  return settings.SYSTEM_PROJECT_NAME_TPL.replace('%s', () => whose)
}

/** Opaque to the page: by what it is sorted there, and which project it was. */
const writeCursor = ({ sortedBy, id }: ProjectPageRow) =>
  Buffer.from(JSON.stringify([sortedBy, String(id)])).toString('base64url')

const TIMESTAMP = /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/

function readCursor(text: string, sort: Sort, withSystem: boolean): { value: string; id: bigint } {
  const form = sort === 'name' ? /^[^\0]*$/ : sort === 'created' && withSystem ? /^\d{1,18}$/ : TIMESTAMP
  try {
    const [value, id] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
    if (typeof value === 'string' && form.test(value) && typeof id === 'string' && /^\d{1,18}$/.test(id)) {
      return { value, id: BigInt(id) }
    }
  } catch {
    // the refusal below says it
  }
  throw new Fault('badRequest', "Field 'after' is no place in this list")
}
