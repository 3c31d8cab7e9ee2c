// Every mail there is: the file its text is written in, the key of its subject, and what both may speak of. Names and
// variables are those that overriding templates of existing installations use.
import type { SubjectKey } from './subjects.ts'

/** A person as mails speak of people. */
export interface MailPerson {
  email: string
  uuid: string
  first_name: string
  last_name: string
  /** First and last name; the address of somebody without a name. */
  realname: string
}

/** A person as staff is told of people. */
export interface MailAccount extends MailPerson {
  id: bigint
  is_active: boolean
  level: number
  invitations: number
  accepted_policy: string
  /** The way to sign in that the account was made with. */
  provider: string
}

export interface MailProject {
  /** uuid */
  id: string
  name: string
  /** Nobody is mailed about a project without an owner. */
  owner: MailPerson | null
}

/** An application for a new project; for a changed one, where null and no resources mean: stays as it is. */
export interface MailApplication {
  id: bigint
  /** uuid */
  project: string
  /** The new name, or the one that stays. */
  name: string
  applicant: MailPerson
  owner: MailPerson | null
  homepage: string | null
  description: string | null
  comments: string | null
  start_date: string | null
  end_date: string | null
  join_policy: string | null
  leave_policy: string | null
  max_members: string | null
  private: string | null
  resources: readonly { name: string; member_capacity: string; project_capacity: string }[]
  /** What the applicant is told with the decision; empty when nothing. */
  response: string
}

interface MailEmailChange {
  user: MailPerson
  new_email_address: string
}

/** What each template may speak of, beside branding, `support` and `baseurl`. */
export interface MailVariables {
  'im/activation_email.txt': { user: MailPerson; url: string }
  'im/account_pending_moderation_notification.txt': { user: MailAccount }
  'im/account_activated_notification.txt': { user: MailAccount }
  'im/welcome_email.txt': { user: MailPerson; url: string }
  'im/already_registered_email.txt': { user: MailPerson; url: string }
  'im/security_change.txt': { user: MailPerson; change: string; address: string; url: string }
  'im/token_added.txt': { user: MailPerson; name: string; address: string; url: string }
  'registration/password_email.txt': { email: string; user: MailPerson; url: string }
  'registration/password_unavailable_email.txt': { email: string; user: MailPerson; reason: string }
  'registration/email_change_email_new_email.txt': { url: string; ec: MailEmailChange }
  'registration/email_change_email_old_email.txt': { ec: MailEmailChange }
  'im/feedback_mail.txt': { message: string; data: string; user: { uuid: string; email: string } }
  'im/invitation.txt': {
    invitation: { inviter: MailPerson; realname: string; username: string; code: string }
    url: string
  }
  'im/plain_email.txt': { user: MailPerson; text: string }
  'im/projects/project_creation_notification.txt': { object: MailApplication }
  'im/projects/project_modification_notification.txt': { object: MailApplication }
  'im/projects/project_approval_notification.txt': { object: MailApplication }
  'im/application_approved_admin_email.txt': { application: MailApplication; previous_state: string }
  'im/projects/project_denial_notification.txt': { object: MailApplication }
  'im/projects/project_suspension_notification.txt': { object: MailProject }
  'im/projects/project_unsuspension_notification.txt': { object: MailProject }
  'im/projects/project_termination_notification.txt': { object: MailProject }
  'im/projects/project_reinstatement_notification.txt': { object: MailProject }
  'im/projects/project_membership_request_notification.txt': { object: MailProject; user: MailPerson }
  'im/projects/project_membership_leave_request_notification.txt': { object: MailProject; user: MailPerson }
  /** `action`: accepted, rejected, removed, suspended, unsuspended. */
  'im/projects/project_membership_change_notification.txt': { object: MailProject; user: MailPerson; action: string }
  'im/projects/project_membership_enroll_notification.txt': { object: MailProject; user: MailPerson }
}

export type MailTemplate = keyof MailVariables

export const SUBJECT_OF: Readonly<Record<MailTemplate, SubjectKey>> = {
  'im/activation_email.txt': 'VERIFICATION_EMAIL_SUBJECT',
  'im/account_pending_moderation_notification.txt': 'ACCOUNT_CREATION_SUBJECT',
  'im/account_activated_notification.txt': 'HELPDESK_NOTIFICATION_EMAIL_SUBJECT',
  'im/welcome_email.txt': 'GREETING_EMAIL_SUBJECT',
  'im/already_registered_email.txt': 'ALREADY_REGISTERED_EMAIL_SUBJECT',
  'im/security_change.txt': 'SECURITY_CHANGE_EMAIL_SUBJECT',
  'im/token_added.txt': 'SECURITY_CHANGE_EMAIL_SUBJECT',
  'registration/password_email.txt': 'PASSWORD_RESET_EMAIL_SUBJECT',
  'registration/password_unavailable_email.txt': 'PASSWORD_RESET_EMAIL_SUBJECT',
  'registration/email_change_email_new_email.txt': 'EMAIL_CHANGE_NEW_EMAIL_SUBJECT',
  'registration/email_change_email_old_email.txt': 'EMAIL_CHANGE_OLD_EMAIL_SUBJECT',
  'im/feedback_mail.txt': 'FEEDBACK_EMAIL_SUBJECT',
  'im/invitation.txt': 'INVITATION_EMAIL_SUBJECT',
  'im/plain_email.txt': 'PLAIN_EMAIL_SUBJECT',
  'im/projects/project_creation_notification.txt': 'PROJECT_CREATION_SUBJECT',
  'im/projects/project_modification_notification.txt': 'PROJECT_MODIFICATION_SUBJECT',
  'im/projects/project_approval_notification.txt': 'PROJECT_APPROVED_SUBJECT',
  'im/application_approved_admin_email.txt': 'EMAIL_ADMIN_APPLICATION_APPROVED',
  'im/projects/project_denial_notification.txt': 'PROJECT_DENIED_SUBJECT',
  'im/projects/project_suspension_notification.txt': 'PROJECT_SUSPENSION_SUBJECT',
  'im/projects/project_unsuspension_notification.txt': 'PROJECT_UNSUSPENSION_SUBJECT',
  'im/projects/project_termination_notification.txt': 'PROJECT_TERMINATION_SUBJECT',
  'im/projects/project_reinstatement_notification.txt': 'PROJECT_REINSTATEMENT_SUBJECT',
  'im/projects/project_membership_request_notification.txt': 'PROJECT_MEMBERSHIP_REQUEST_SUBJECT',
  'im/projects/project_membership_leave_request_notification.txt': 'PROJECT_MEMBERSHIP_LEAVE_REQUEST_SUBJECT',
  'im/projects/project_membership_change_notification.txt': 'PROJECT_MEMBERSHIP_CHANGE_SUBJECT',
  'im/projects/project_membership_enroll_notification.txt': 'PROJECT_MEMBERSHIP_ENROLL_SUBJECT',
}

/** The shared frame. */
export const FRAME = 'im/email.txt'
