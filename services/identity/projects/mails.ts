// Who is told what about projects. Written in the transaction of the change and sent after commit.
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import type { MailApplication, MailPerson, MailProject, MailTemplate } from '../mails/mails.ts'
import { mailPerson } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { recipients } from '../mails/recipients.ts'
import { type ApplicationRow, findApplication } from '../store/applications.ts'
import type { LockedProject } from '../store/projects.ts'
import { listResources } from '../store/resources.ts'
import { findUser, type UserRow } from '../store/users.ts'
import { isWithin } from '../throttle.ts'
import type { MembershipAction, MembershipState } from '../wire/membership-states.ts'
import type { ApplicationAction, DirectProjectAction } from '../wire/project-states.ts'
import { showQuantity } from '../wire/quantities.ts'

const TO_OWNER = {
  suspend: 'im/projects/project_suspension_notification.txt',
  unsuspend: 'im/projects/project_unsuspension_notification.txt',
  terminate: 'im/projects/project_termination_notification.txt',
  reinstate: 'im/projects/project_reinstatement_notification.txt',
} as const satisfies Record<DirectProjectAction, MailTemplate>

/** A system project has no owner, and then nobody is told. */
export async function tellOwner(identity: Identity, tx: Tx, project: LockedProject, action: DirectProjectAction): Promise<void> {
  const owner = await ownerOf(tx, project)
  if (!owner) return
  const variables = { object: mailProject(project, owner) }
  await postMail(identity, tx, { to: [owner.email], template: TO_OWNER[action], variables })
}

export async function tellOfApplication(identity: Identity, tx: Tx, id: bigint, project: LockedProject): Promise<void> {
  const object = await mailApplication(tx, (await findApplication(tx, id))!, project)
  const isNew = project.state === 'uninitialized'
  await postMail(identity, tx, {
    to: recipients(identity.settings, isNew ? 'PROJECT_CREATION_RECIPIENTS' : 'PROJECT_MODIFICATION_RECIPIENTS'),
    template: isNew ? 'im/projects/project_creation_notification.txt' : 'im/projects/project_modification_notification.txt',
    variables: { object },
  })
}

/** `project` as it was before the decision. Whoever takes an application back needs no mail about it. */
export async function tellOfDecision(
  identity: Identity,
  tx: Tx,
  application: ApplicationRow,
  project: LockedProject,
  action: ApplicationAction,
  reason: string,
): Promise<void> {
  if (action !== 'approve' && action !== 'deny') return
  const object = { ...(await mailApplication(tx, application, project)), response: reason }
  const to = [object.applicant.email]
  if (action === 'deny') {
    await postMail(identity, tx, { to, template: 'im/projects/project_denial_notification.txt', variables: { object } })
    return
  }
  await postMail(identity, tx, { to, template: 'im/projects/project_approval_notification.txt', variables: { object } })
  await postMail(identity, tx, {
    to: recipients(identity.settings, 'PROJECT_NOTIFICATIONS_RECIPIENTS'),
    template: 'im/application_approved_admin_email.txt',
    variables: { application: object, previous_state: project.state },
  })
}

/** Whoever asks and takes it back, over and over, does not fill the owner's mailbox: the page shows what is asked. */
const requestsOf = (person: UserRow, project: LockedProject) => ({
  key: ['membership-request-mails', person.uuid, project.uuid],
  atMost: 10,
  windowSeconds: 3600,
})

/** What the member is told was done to the membership. Whoever does it himself knows. */
const DONE: Partial<Record<MembershipAction, string>> = {
  accept: 'accepted',
  reject: 'rejected',
  remove: 'removed',
  suspend: 'suspended',
  unsuspend: 'unsuspended',
}

export interface MembershipNews {
  action: MembershipAction
  to: MembershipState
  person: UserRow
  project: LockedProject
}

export async function tellOfMembership(
  identity: Identity,
  tx: Tx,
  { action, to, person, project }: MembershipNews,
): Promise<void> {
  const owner = await ownerOf(tx, project)
  const variables = { object: mailProject(project, owner), user: mailPerson(person) }
  const member = [person.email]
  const deciders = async () => (owner && (await isWithin(tx, requestsOf(person, project))) ? [owner.email] : [])
  const done = DONE[action]
  if (done !== undefined) {
    const template = 'im/projects/project_membership_change_notification.txt'
    await postMail(identity, tx, { to: member, template, variables: { ...variables, action: done } })
  } else if (action === 'enroll') {
    const template = 'im/projects/project_membership_enroll_notification.txt'
    await postMail(identity, tx, { to: member, template, variables })
  } else if (action === 'join' && to === 'requested') {
    const template = 'im/projects/project_membership_request_notification.txt'
    await postMail(identity, tx, { to: await deciders(), template, variables })
  } else if (action === 'leave' && to === 'leave_requested') {
    const template = 'im/projects/project_membership_leave_request_notification.txt'
    await postMail(identity, tx, { to: await deciders(), template, variables })
  }
}

async function ownerOf(tx: Tx, { ownerId }: Pick<LockedProject, 'ownerId'>): Promise<UserRow | undefined> {
  return ownerId === null ? undefined : findUser(tx, ownerId)
}

function mailProject({ uuid, realname }: LockedProject, owner: UserRow | undefined): MailProject {
  return { id: uuid, name: realname, owner: owner ? mailPerson(owner) : null }
}

async function mailApplication(tx: Tx, application: ApplicationRow, project: LockedProject): Promise<MailApplication> {
  const person = async (id: bigint | null): Promise<MailPerson | null> => {
    const user = id === null ? undefined : await findUser(tx, id)
    return user ? mailPerson(user) : null
  }
  const units = new Map((await listResources(tx)).map(({ name, unit }) => [name, unit]))
  const shown = (resource: string, quantity: bigint) => showQuantity(quantity, units.get(resource) ?? null, 'auto')
  const { maxMembers, startDate, endDate } = application
  return {
    id: application.id,
    project: application.project,
    name: application.name ?? project.realname,
    applicant: (await person(application.applicantId))!,
    owner: await person(application.ownerId),
    homepage: application.homepage,
    description: application.description,
    comments: application.comments,
    start_date: startDate?.toISOString() ?? null,
    end_date: endDate?.toISOString() ?? null,
    join_policy: application.joinPolicy,
    leave_policy: application.leavePolicy,
    max_members: maxMembers === null ? null : showQuantity(maxMembers, null, 'auto'),
    private: application.private === null ? null : application.private ? 'yes' : 'no',
    resources: Object.entries(application.limits).map(([name, { member, project: whole }]) => ({
      name,
      member_capacity: shown(name, member),
      project_capacity: shown(name, whole),
    })),
    response: application.response,
  }
}
