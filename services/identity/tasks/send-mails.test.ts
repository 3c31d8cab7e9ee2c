// The outbox against a real SMTP server that is down, slow, or refuses somebody.
import { openSmtp } from '@synnefo/engine-mail'
import { openReceiver, type ReceiverOptions } from '@synnefo/engine-mail/testing'
import { silentLog } from '@synnefo/lib/log'
import { sql } from '@synnefo/lib/sql'
import { openTasks } from '@synnefo/lib/tasks'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { mailPerson } from '../mails/people.ts'
import { postMail } from '../mails/post-mail.ts'
import { claimDueMails } from '../store/mails.ts'
import { openTestIdentity } from '../testing.ts'
import { signUp } from '../users/sign-up.ts'
import { sendMails } from './send-mails.ts'

const ORIGIN = { address: '127.0.0.1', userAgent: '' }

async function openCloud(finished: typeof onTestFinished, options: ReceiverOptions = {}) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db, { settings: { SERVER_EMAIL: 'Synnefo <no-reply@cloud.test>' } })
  const receiver = await openReceiver(finished, options)
  const mailer = openSmtp({ host: '127.0.0.1', port: receiver.port })
  finished(() => mailer.close())
  const tasks = openTasks(db, silentLog, [sendMails], { mailer })
  const post = (...to: string[]) =>
    db.transaction((tx) => {
      const user = mailPerson({ email: to[0]!, uuid: 'uuid', firstName: 'Alice', lastName: 'Liddell' })
      return postMail(identity, tx, { to, template: 'im/welcome_email.txt', variables: { user, url: 'http://cloud.test' } })
    })
  const send = () => tasks.runOnce('identity.send-mails')
  /** As if the time until the next attempt had passed. */
  const later = () => db.run(sql`UPDATE identity.mails SET next_attempt_at = now()`)
  const waiting = () =>
    db.any<{ recipient: string; attempts: number; refused: boolean; body: string }>(
      sql`SELECT recipient, attempts, refused_at IS NOT NULL AS refused, body FROM identity.mails ORDER BY id`,
    )
  return { db, identity, receiver, post, send, later, waiting }
}

test('a server that is down delays mails, which leave when it is back', async ({ onTestFinished }) => {
  const { receiver, post, send, later, waiting } = await openCloud(onTestFinished)
  receiver.isUp = false
  await post('alice@example.test')
  expect(await send()).toMatchObject({ sent: 0, delayed: 1, refused: 0 })
  expect(await send()).toMatchObject({ sent: 0, delayed: 0 }) // it is not asked again at once
  await later()
  expect(await send()).toMatchObject({ delayed: 1 })
  expect(await waiting()).toMatchObject([{ recipient: 'alice@example.test', attempts: 2, refused: false }])
  receiver.isUp = true
  await later()
  expect(await send()).toMatchObject({ sent: 1 })
  expect(await waiting()).toEqual([])
  expect(receiver.received).toMatchObject([
    { to: 'alice@example.test', from: 'Synnefo <no-reply@cloud.test>', subject: 'Welcome to Synnefo' },
  ])
})

test('who signs up does not wait for a slow server, and nobody gets a mail twice', async ({ onTestFinished }) => {
  const gate = Promise.withResolvers<void>()
  const arriving = Promise.withResolvers<void>()
  const { db, identity, receiver, post, send } = await openCloud(onTestFinished, {
    before: async () => {
      arriving.resolve()
      await gate.promise
    },
  })
  await post('slow@example.test')
  const sending = send()
  await arriving.promise
  const form = { email: 'new@example.test', firstName: 'New', lastName: 'Comer', password: 'down the rabbit hole' }
  expect(await signUp(identity, form, ORIGIN)).toEqual({ state: 'verification' })
  // Another process that looks meanwhile takes only what nobody has in hand.
  expect((await claimDueMails(db, 10)).map(({ recipient }) => recipient)).toEqual(['new@example.test'])
  gate.resolve()
  expect(await sending).toMatchObject({ sent: 1 })
  expect(receiver.received.map(({ to }) => to)).toEqual(['slow@example.test'])
})

test('an address that is refused holds nobody up, and its mail is kept without the text', async ({ onTestFinished }) => {
  const { receiver, post, send, later, waiting } = await openCloud(onTestFinished, { refused: 'nobody@example.test' })
  await post('nobody@example.test', 'bob@example.test')
  expect(await send()).toMatchObject({ sent: 1, refused: 1, delayed: 0 })
  expect(receiver.received.map(({ to }) => to)).toEqual(['bob@example.test'])
  await later()
  expect(await send()).toMatchObject({ sent: 0, refused: 0 })
  expect(await waiting()).toMatchObject([{ recipient: 'nobody@example.test', refused: true, body: '' }])
})
