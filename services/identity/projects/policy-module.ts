// The operator's own rules about people who use more than they may (`QUOTA_POLICY_MODULE`): a JavaScript or TypeScript
// module that is told, after commit, what was done to memberships and projects, and may note what it thinks of it. Whatever
// it does, it neither delays nor breaks what it is told of.
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Log } from '@synnefo/lib/log'
import type { Db, Tx } from '@synnefo/lib/sql'
import {
  findPolicyMembership,
  findPolicyProject,
  noteOverquota,
  type PolicyMembership,
  type PolicyProject,
} from '../store/overquota.ts'
import type { MembershipAction } from '../wire/membership-states.ts'

/** A module that hangs does not keep the service from stopping. */
const CLOSE_WITHIN_MILLIS = 10_000

/** What the module may be told of. */
export type PolicyMembershipAction = 'ACCEPT' | 'REMOVE' | 'SUSPEND' | 'UNSUSPEND' | 'ENROLL' | 'LEAVE' | 'JOIN'
export type PolicyProjectAction = 'MODIFY' | 'TERMINATE' | 'SUSPEND' | 'UNSUSPEND' | 'REINSTATE'

export interface PolicyTools {
  /** Notes the module's own word for how a member stands, such as OK or WARNED, and since when he is over his limits. */
  setOverquota(membership: bigint, state: string, overquotaSince: Date | null): Promise<void>
}

/** What the module exports: either function, or both. */
export interface QuotaPolicyModule {
  membershipAction?(action: PolicyMembershipAction, membership: PolicyMembership, tools: PolicyTools): void | Promise<void>
  projectAction?(action: PolicyProjectAction, project: PolicyProject, tools: PolicyTools): void | Promise<void>
}

const MEMBERSHIP_ACTIONS: Partial<Record<MembershipAction, PolicyMembershipAction>> = {
  accept: 'ACCEPT',
  remove: 'REMOVE',
  suspend: 'SUSPEND',
  unsuspend: 'UNSUSPEND',
  enroll: 'ENROLL',
  leave: 'LEAVE',
  join: 'JOIN',
}

export interface QuotaPolicy {
  membershipActed(tx: Tx, action: MembershipAction, membership: bigint): void
  projectActed(tx: Tx, action: Lowercase<PolicyProjectAction>, project: bigint): void
  /** Waits a while for what the module is still doing, so that a command does not end before it. */
  close(): Promise<void>
}

export interface QuotaPolicyOptions {
  db: Db
  log: Log
  /** Path of the module; empty: there is none. */
  path: string
}

export async function openQuotaPolicy({ db, log, path }: QuotaPolicyOptions): Promise<QuotaPolicy> {
  const module = path === '' ? undefined : await load(path, log)
  /** It is told one thing after the other, in the order in which they were done. */
  let telling: Promise<void> = Promise.resolve()
  const tools: PolicyTools = { setOverquota: async (id, state, since) => void (await noteOverquota(db, id, state, since)) }

  function tell(tx: Tx, action: string, work: (module: QuotaPolicyModule) => Promise<void>) {
    if (!module) return
    tx.afterCommit(() => {
      telling = telling
        .then(() => work(module))
        .catch((error: unknown) => log.error({ error, action, module: path }, 'the quota policy module failed'))
    })
  }

  return {
    membershipActed(tx, action, id) {
      const told = MEMBERSHIP_ACTIONS[action]
      if (!told || !module?.membershipAction) return
      tell(tx, told, async (policy) => {
        const membership = await findPolicyMembership(db, id)
        if (membership) await policy.membershipAction?.(told, membership, tools)
      })
    },
    projectActed(tx, action, id) {
      if (!module?.projectAction) return
      const told = action.toUpperCase() as PolicyProjectAction
      tell(tx, told, async (policy) => {
        const project = await findPolicyProject(db, id)
        if (project) await policy.projectAction?.(told, project, tools)
      })
    },
    close: () => Promise.race([telling, delay(CLOSE_WITHIN_MILLIS, undefined, { ref: false })]),
  }
}

async function load(path: string, log: Log): Promise<QuotaPolicyModule | undefined> {
  try {
    return (await import(pathToFileURL(path).href)) as QuotaPolicyModule
  } catch (error) {
    log.error({ error, module: path }, 'QUOTA_POLICY_MODULE names a module that does not load: nobody is told')
    return undefined
  }
}
