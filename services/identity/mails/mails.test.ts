import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import type { IdentitySettings } from '../settings/index.ts'
import { defaultSettings, openTestIdentity } from '../testing.ts'
import { FRAME, type MailApplication, type MailTemplate, type MailVariables, SUBJECT_OF } from './mails.ts'
import { postMail } from './post-mail.ts'
import { recipients } from './recipients.ts'
import { fillSubject, SUBJECT_KEYS } from './subjects.ts'
import { openMailTexts } from './templates.ts'

const alice = {
  email: 'alice@example.test',
  uuid: 'uuid-of-alice',
  first_name: 'Alice',
  last_name: 'Liddell',
  realname: 'Alice Liddell',
}
const bob = { email: 'bob@example.test', uuid: 'uuid-of-bob', first_name: '', last_name: '', realname: 'bob@example.test' }
const account = { ...alice, id: 7n, is_active: true, level: 4, invitations: 2, accepted_policy: 'manual', provider: 'local' }
const project = { id: 'uuid-of-project', name: 'tea.example.test', owner: alice }
const application: MailApplication = {
  id: 12n,
  project: 'uuid-of-project',
  name: 'tea.example.test',
  applicant: alice,
  owner: alice,
  homepage: 'http://tea.example.test',
  description: 'Tea for everybody',
  comments: 'please',
  start_date: '2026-01-01',
  end_date: '2027-01-01',
  join_policy: 'moderated',
  leave_policy: 'auto',
  max_members: '15',
  private: 'no',
  resources: [{ name: 'cyclades.vm', member_capacity: '2', project_capacity: '10' }],
  response: 'well <said> & done',
}
const modification: MailApplication = { ...application, owner: null, homepage: null, end_date: null, resources: [] }
const url = 'http://cloud.test/astakos/ui/some-link?a=1&b=2'

/** What a test mail of each template speaks of. */
const EXAMPLES: { [Name in MailTemplate]: MailVariables[Name] } = {
  'im/activation_email.txt': { user: alice, url },
  'im/account_pending_moderation_notification.txt': { user: account },
  'im/account_activated_notification.txt': { user: account },
  'im/welcome_email.txt': { user: alice, url },
  'im/already_registered_email.txt': { user: alice, url },
  'im/security_change.txt': { user: alice, change: 'The passkey “laptop” was added.', address: '192.0.2.1', url },
  'im/token_added.txt': { user: alice, name: 'laptop', address: '192.0.2.1', url },
  'registration/password_email.txt': { email: alice.email, user: alice, url },
  'registration/password_unavailable_email.txt': { email: alice.email, user: alice, reason: 'It is disabled.' },
  'registration/email_change_email_new_email.txt': { url, ec: { user: alice, new_email_address: 'new@example.test' } },
  'registration/email_change_email_old_email.txt': { ec: { user: alice, new_email_address: 'new@example.test' } },
  'im/feedback_mail.txt': { message: 'It works', data: '{"page": 3}', user: bob },
  'im/invitation.txt': { url, invitation: { inviter: alice, realname: 'Bob Builder', username: bob.email, code: '123' } },
  'im/plain_email.txt': { user: alice, text: 'We move on Sunday.' },
  'im/projects/project_creation_notification.txt': { object: application },
  'im/projects/project_modification_notification.txt': { object: modification },
  'im/projects/project_approval_notification.txt': { object: application },
  'im/application_approved_admin_email.txt': { application, previous_state: 'pending' },
  'im/projects/project_denial_notification.txt': { object: application },
  'im/projects/project_suspension_notification.txt': { object: project },
  'im/projects/project_unsuspension_notification.txt': { object: project },
  'im/projects/project_termination_notification.txt': { object: project },
  'im/projects/project_reinstatement_notification.txt': { object: project },
  'im/projects/project_membership_request_notification.txt': { object: project, user: bob },
  'im/projects/project_membership_leave_request_notification.txt': { object: project, user: bob },
  'im/projects/project_membership_change_notification.txt': { object: project, user: bob, action: 'accepted' },
  'im/projects/project_membership_enroll_notification.txt': { object: project, user: bob },
}

const TEMPLATES = Object.keys(EXAMPLES) as MailTemplate[]

interface Options {
  settings?: Partial<IdentitySettings>
  /** Texts of the operator, by name. */
  texts?: Record<string, string>
}

async function openMails(finished: typeof onTestFinished, { settings = {}, texts = {} }: Options = {}) {
  const folder = await temporaryFolder(finished)
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const mailTexts = await openMailTexts({
    settings: { ...defaultSettings, ...settings },
    log: silentLog,
    baseUrl: () => 'http://cloud.test',
    folders: ['/no/such/folder', folder],
  })
  return <Name extends MailTemplate>(name: Name) => mailTexts.render(name, EXAMPLES[name])
}

test('every mail is rendered, says whom to ask, and has a subject', async ({ onTestFinished }) => {
  const render = await openMails(onTestFinished, {
    settings: { CONTACT_EMAIL: 'help@cloud.test', BRANDING_COMPANY_NAME: 'Wonderland Ltd' },
  })
  for (const name of TEMPLATES) {
    const { subject, body } = render(name)
    expect(subject, name).toMatch(/\S/)
    expect(subject, name).not.toMatch(/%|\(\)/)
    expect(body, name).not.toMatch(/[{}%]\}|\{[{%]|undefined|\[object/)
    expect(body, name).toMatch(
      /For help, contact help@cloud\.test\.\n\nThank you .* Synnefo\.\n\nThe Synnefo team\nWonderland Ltd\n$/,
    )
  }
})

test('the texts of all mails', async ({ onTestFinished }) => {
  const render = await openMails(onTestFinished)
  const written = TEMPLATES.map((name) => `=== ${name}\nSubject: ${render(name).subject}\n\n${render(name).body}`).join('\n')
  await expect(written).toMatchFileSnapshot('./mails.snapshot.txt')
})

test('a text of the operator takes the place of ours, in the style of existing installations too', async ({ onTestFinished }) => {
  for (const name of TEMPLATES) {
    const render = await openMails(onTestFinished, {
      texts: {
        [name]: `{% extends "${FRAME}" %}\n{% block content %}Ours: {{ BRANDING_SERVICE_NAME }} {{ BRANDING_SYNNEFO_VERSION }} {{ baseurl }}{% endblock content %}`,
      },
    })
    expect(render(name).body).toMatch(/^Ours: Synnefo \d+\.\d+\.\d+ http:\/\/cloud\.test\n\nFor help/)
  }
})

test('a frame of the operator is around all mails', async ({ onTestFinished }) => {
  const render = await openMails(onTestFinished, { texts: { [FRAME]: 'Framed\n{% block content %}{% endblock %}\nThe end' } })
  for (const name of TEMPLATES) expect(render(name).body, name).toMatch(/^Framed\n.*\nThe end\n$/s)
})

test.for([
  ['a tag that is not closed', '{% if user %}'],
  ['a variable that does not exist', '{{ user.favourite_colour }}'],
  ['a filter that does not exist', '{{ support | shout }}'],
  ['a file outside of the templates', '{% include "../../../../../../etc/passwd" %}'],
  ['a text without end', '{% for i in (1..100000000) %}more and more and more{% endfor %}'],
  ['too long a text', `{% for i in (1..2000) %}${'long '.repeat(40)}{% endfor %}`],
])('%s does not lose a mail: the standard text goes out', async ([, text], { onTestFinished }) => {
  const render = await openMails(onTestFinished, { texts: { 'im/welcome_email.txt': text! } })
  expect(render('im/welcome_email.txt').body).toMatch(
    /^Dear Alice Liddell,\n\nyour account alice@example\.test on Synnefo is active/,
  )
})

test('every subject can be replaced, also in the style of existing installations', async ({ onTestFinished }) => {
  const settings = Object.fromEntries(SUBJECT_KEYS.map((key) => [`ASTAKOS_${key}_MESSAGE`, `${key} of %(service)s 100%%`]))
  const render = await openMails(onTestFinished, { settings: { BRANDING_SERVICE_NAME: 'Okeanos', ...settings } })
  for (const name of TEMPLATES) expect(render(name).subject).toBe(`${SUBJECT_OF[name]} of Okeanos 100%`)
  expect([...new Set(Object.values(SUBJECT_OF))].sort()).toEqual([...SUBJECT_KEYS].sort())
})

test('nothing that people enter makes a header', async ({ onTestFinished }) => {
  const subject = fillSubject('%(service)s project (%(name)s)', { service: 'S', name: 'x\r\nBcc: eve@example.test\u2028y' })
  expect(subject).toBe('S project (x Bcc: eve@example.test y)')
  const db = await openTestDatabase(onTestFinished, [migrations])
  const identity = await openTestIdentity(onTestFinished, db)
  const to = [
    alice.email,
    'ALICE@example.test',
    'eve@example.test\nBcc: all@example.test',
    'a@x.test, b@x.test',
    'no address',
    '',
  ]
  await db.transaction((tx) =>
    postMail(identity, tx, { to, template: 'im/welcome_email.txt', variables: EXAMPLES['im/welcome_email.txt'] }),
  )
  const mails = await db.any(sql`SELECT recipient FROM identity.mails`)
  expect(mails).toEqual([{ recipient: 'ALICE@example.test' }])
})

test('who is told follows from the settings, each once', () => {
  const settings: IdentitySettings = {
    ...defaultSettings,
    ADMINS: [
      ['Ada', 'ada@cloud.test'],
      ['Help', 'help@cloud.test'],
    ],
    MANAGERS: ['Max <max@cloud.test>'],
    HELPDESK: [['Help', 'HELP@cloud.test']],
    PROJECT_CREATION_RECIPIENTS: [],
  }
  expect(recipients(settings, 'ACCOUNT_ACTIVATED_RECIPIENTS')).toEqual(['help@cloud.test', 'max@cloud.test', 'ada@cloud.test'])
  expect(recipients(settings, 'ACCOUNT_PENDING_MODERATION_RECIPIENTS')).toHaveLength(3)
  expect(recipients(settings, 'PROJECT_MODIFICATION_RECIPIENTS')).toEqual(['HELP@cloud.test', 'max@cloud.test'])
  expect(recipients(settings, 'FEEDBACK_NOTIFICATIONS_RECIPIENTS')).toEqual(['HELP@cloud.test'])
  expect(recipients(settings, 'PROJECT_CREATION_RECIPIENTS')).toEqual([])
})
