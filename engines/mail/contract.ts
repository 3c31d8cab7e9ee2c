// What every implementation of `Mailer` promises, as tests.
import { describe, expect, type onTestFinished, test } from 'vitest'
import { type Mail, type Mailer, MailRefused } from './index.ts'

export interface MailerUnderTest {
  mailer: Mailer
  /** Mails that have arrived where the mailer sends them, oldest first; a text ends without a line break. */
  arrived(): Promise<Mail[]>
  /** An address whose mails are refused for good. */
  refusedAddress: string
}

const mail = (part: Partial<Mail> = {}): Mail => ({
  id: 'mail-1',
  from: 'Synnefo <no-reply@cloud.test>',
  to: 'alice@example.test',
  subject: 'Synnefo account verification',
  text: 'Follow this link:\nhttps://cloud.test/astakos/ui/activate?auth=0123456789&next=%2F\n\nRegards',
  date: new Date('2026-01-31T12:00:00Z'),
  ...part,
})

export function mailerContract(name: string, openUnderTest: (finished: typeof onTestFinished) => Promise<MailerUnderTest>): void {
  describe(`mail: ${name}`, () => {
    test('a mail arrives as it was sent', async ({ onTestFinished }) => {
      const { mailer, arrived } = await openUnderTest(onTestFinished)
      await mailer.send(mail())
      expect(await arrived()).toEqual([mail()])
    })

    test('letters of any language, long lines and dots at their start arrive unharmed', async ({ onTestFinished }) => {
      const { mailer, arrived } = await openUnderTest(onTestFinished)
      const odd = mail({ subject: 'Καλώς ήρθατε στο Synnefo', text: `Γειά σου\n.\n..two\n${'x'.repeat(1500)}\nend = 3D` })
      await mailer.send(odd)
      expect(await arrived()).toEqual([odd])
    })

    test('a line break in a subject or an address makes no header', async ({ onTestFinished }) => {
      const { mailer, arrived } = await openUnderTest(onTestFinished)
      await mailer.send(mail({ subject: 'Hello\r\nBcc: eve@example.test' }))
      const [only] = await arrived()
      expect(only?.to).toBe('alice@example.test')
      expect(only?.subject).toMatch(/^Hello\s+Bcc: eve@example.test$/)
    })

    test('an address that is refused for good is told apart from a server that is down', async ({ onTestFinished }) => {
      const { mailer, arrived, refusedAddress } = await openUnderTest(onTestFinished)
      await expect(mailer.send(mail({ to: refusedAddress }))).rejects.toBeInstanceOf(MailRefused)
      await mailer.send(mail({ id: 'mail-2' }))
      expect((await arrived()).map(({ to }) => to)).toEqual(['alice@example.test'])
    })

    test('an id that could not be a file name is a mistake of the caller', async ({ onTestFinished }) => {
      const { mailer } = await openUnderTest(onTestFinished)
      await expect(mailer.send(mail({ id: '../etc/passwd' }))).rejects.toThrow(TypeError)
    })

    test('where mails are kept they are listed newest first and read by id, and one sent twice is there once', async ({
      onTestFinished,
    }) => {
      const { mailer } = await openUnderTest(onTestFinished)
      const later = mail({ id: 'mail-2', date: new Date('2026-02-01T12:00:00Z') })
      for (const each of [mail(), later, mail()]) await mailer.send(each)
      const kept = mailer.can.keep
      expect(await mailer.list(10)).toEqual(kept ? [later, mail()] : [])
      expect(await mailer.list(1)).toEqual(kept ? [later] : [])
      expect(await mailer.read('mail-1')).toEqual(kept ? mail() : undefined)
      expect(await mailer.read('mail-3')).toBeUndefined()
    })
  })
}
