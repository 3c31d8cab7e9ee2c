// Projects as people and operators see them.
import { join, type Queryable, sql } from '@synnefo/lib/sql'
import type { Policy, ProjectState } from '../wire/project-states.ts'
import type { ProjectRow } from './projects.ts'

export interface ProjectView extends ProjectRow {
  realname: string
  owner: string | null
  homepage: string
  description: string
  createdAt: Date
  endDate: Date
  joinPolicy: Policy
  leavePolicy: Policy
  maxMembers: bigint
  private: boolean
  resources: Record<string, { member_capacity: number | bigint; project_capacity: number | bigint }>
  /** When it was suspended or terminated, while it is. */
  deactivatedAt: Date | null
  isOwner: boolean
  /** The viewer owns it or is in it. */
  isRelated: boolean
}

const view = (viewer: bigint) => sql`
  p.id, p.uuid, p.state, p.is_base AS "isBase", p.realname, o.uuid AS owner, p.homepage, p.description,
  p.created_at AS "createdAt", p.end_date AS "endDate", p.join_policy AS "joinPolicy", p.leave_policy AS "leavePolicy",
  p.max_members AS "maxMembers", p.private, coalesce(p.owner_id = ${viewer}, false) AS "isOwner",
  (SELECT coalesce(json_object_agg(l.resource, json_build_object(
            'member_capacity', l.member_capacity, 'project_capacity', l.project_capacity) ORDER BY r.id), '{}')
   FROM identity.project_limits l JOIN identity.resources r ON r.name = l.resource AND r.api_visible
   WHERE l.project_id = p.id) AS resources,
  CASE WHEN p.state IN ('suspended', 'terminated') THEN
    (SELECT max(g.at) FROM identity.project_log g WHERE g.project_id = p.id AND g.to_state = p.state) END AS "deactivatedAt",
  ${related(viewer)} AS "isRelated"`

const related = (viewer: bigint) => sql`
  (p.owner_id IS NOT DISTINCT FROM ${viewer} OR EXISTS (
    SELECT FROM identity.memberships m
    WHERE m.project_id = p.id AND m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested', 'suspended')))`

export function viewProject(db: Queryable, uuid: string, viewer: bigint) {
  return db.maybeOne<ProjectView>(sql`
    SELECT ${view(viewer)} FROM identity.projects p LEFT JOIN identity.users o ON o.id = p.owner_id WHERE p.uuid = ${uuid}`)
}

export interface ProjectFilter {
  name?: string
  /** uuid */
  owner?: string
  state?: ProjectState
  /** Projects after this one (uuid), in the order of the list. */
  marker?: string
  limit?: number
}

export interface ProjectList extends ProjectFilter {
  viewer: bigint
  /** A project admin. */
  seesAll: boolean
  mode: 'related' | 'member' | 'active'
}

export function listProjects(db: Queryable, list: ProjectList) {
  const { viewer, seesAll, mode, name, owner, state, marker, limit } = list
  const isMember = sql`p.state = 'active' AND p.id IN (
    SELECT m.project_id FROM identity.memberships m WHERE m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested'))`
  const isRelated = sql`p.id IN (
    SELECT id FROM identity.projects WHERE owner_id = ${viewer}
    UNION ALL SELECT m.project_id FROM identity.memberships m
    WHERE m.user_id = ${viewer} AND m.state IN ('accepted', 'leave_requested', 'suspended'))`
  const isPublic = sql`p.state = 'active' AND NOT p.private`
  const shown = mode === 'member' ? isMember : seesAll ? sql`true` : mode === 'active' ? isPublic : isRelated
  const conditions = [
    shown,
    ...(name === undefined ? [] : [sql`p.realname = ${name}`]),
    ...(owner === undefined ? [] : [sql`o.uuid = ${owner}`]),
    ...(state === undefined ? [] : [sql`p.state = ${state}`]),
    ...(marker === undefined ? [] : [sql`p.id > (SELECT id FROM identity.projects WHERE uuid = ${marker})`]),
  ]
  return db.any<ProjectView>(sql`
    SELECT ${view(viewer)} FROM identity.projects p LEFT JOIN identity.users o ON o.id = p.owner_id
    WHERE ${join(conditions, ' AND ')} ORDER BY p.id LIMIT ${limit ?? null}`)
}
