// The subjects of mails, as operators may replace them: `ASTAKOS_<KEY>_MESSAGE`. `%(service)s` is the name of the
// cloud, `%(user)s` the address of whom and `%(name)s` the name of the project that the mail is about.

export const SUBJECTS = {
  VERIFICATION_EMAIL_SUBJECT: '%(service)s account verification',
  ACCOUNT_CREATION_SUBJECT: '%(service)s account created (%(user)s)',
  HELPDESK_NOTIFICATION_EMAIL_SUBJECT: '%(service)s account activated (%(user)s)',
  GREETING_EMAIL_SUBJECT: 'Welcome to %(service)s',
  ALREADY_REGISTERED_EMAIL_SUBJECT: 'Your %(service)s account',
  SECURITY_CHANGE_EMAIL_SUBJECT: 'Security of your %(service)s account',
  PASSWORD_RESET_EMAIL_SUBJECT: 'Password reset on %(service)s',
  EMAIL_CHANGE_NEW_EMAIL_SUBJECT: '%(service)s e-mail change notification',
  EMAIL_CHANGE_OLD_EMAIL_SUBJECT: '%(service)s e-mail change notification',
  FEEDBACK_EMAIL_SUBJECT: 'Feedback from %(service)s',
  INVITATION_EMAIL_SUBJECT: 'Invitation to %(service)s',
  PLAIN_EMAIL_SUBJECT: 'New e-mail from %(service)s',
  PROJECT_CREATION_SUBJECT: '%(service)s application for a new project created (%(name)s)',
  PROJECT_MODIFICATION_SUBJECT: '%(service)s application for a project modification created (%(name)s)',
  PROJECT_APPROVED_SUBJECT: '%(service)s project application approved (%(name)s)',
  EMAIL_ADMIN_APPLICATION_APPROVED: '%(service)s project application approved (%(name)s)',
  PROJECT_DENIED_SUBJECT: '%(service)s project application denied (%(name)s)',
  PROJECT_SUSPENSION_SUBJECT: '%(service)s project suspended (%(name)s)',
  PROJECT_UNSUSPENSION_SUBJECT: '%(service)s project resumed (%(name)s)',
  PROJECT_TERMINATION_SUBJECT: '%(service)s project terminated (%(name)s)',
  PROJECT_REINSTATEMENT_SUBJECT: '%(service)s project reinstated (%(name)s)',
  PROJECT_MEMBERSHIP_REQUEST_SUBJECT: '%(service)s project membership request (%(name)s)',
  PROJECT_MEMBERSHIP_LEAVE_REQUEST_SUBJECT: '%(service)s project leave request (%(name)s)',
  PROJECT_MEMBERSHIP_CHANGE_SUBJECT: '%(service)s project membership changed (%(name)s)',
  PROJECT_MEMBERSHIP_ENROLL_SUBJECT: '%(service)s project enrolment (%(name)s)',
} as const

export type SubjectKey = keyof typeof SUBJECTS

export const SUBJECT_KEYS = Object.keys(SUBJECTS) as SubjectKey[]

/** Fills `%(word)s`; a word that this mail does not know vanishes. The answer is one line, whatever the values hold. */
export function fillSubject(text: string, words: Readonly<Record<string, string | undefined>>): string {
  const filled = text.replace(/%\((\w+)\)s/g, (_, word: string) => words[word] ?? '').replaceAll('%%', '%')
  return filled.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
}
