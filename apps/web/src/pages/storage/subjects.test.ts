import { readSharing, writeSharing } from '@synnefo/clients/object-headers'
import { expect, test } from 'vitest'
import { entriesOf, sharingOf, withEntry, without } from './subjects.ts'

const BOB = 'b0b'
const TEAM = 'a11ce:team'
const after = (header: string, change: (entries: ReturnType<typeof entriesOf>) => ReturnType<typeof entriesOf>) =>
  writeSharing(sharingOf(change(entriesOf(readSharing(header)))))

test('what the cloud says of sharing is read and written alike', () => {
  expect(readSharing(`read=${BOB},${TEAM}; write=*`)).toEqual({ read: [BOB, TEAM], write: ['*'] })
  expect(readSharing(`write=${BOB}`)).toEqual({ read: [], write: [BOB] })
  expect(readSharing('')).toEqual({ read: [], write: [] })
  expect(writeSharing({ read: [BOB], write: [TEAM] })).toBe(`read=${BOB};write=${TEAM}`)
  expect(writeSharing({ read: [], write: [] })).toBe('')
})

test('nobody is in the list twice: a new right replaces the old one', () => {
  expect(after(`read=${BOB},${TEAM}`, (entries) => withEntry(entries, { subject: BOB, right: 'write' }))).toBe(
    `read=${TEAM};write=${BOB}`,
  )
  expect(after(`write=${BOB}`, (entries) => withEntry(entries, { subject: BOB, right: 'read' }))).toBe(`read=${BOB}`)
  expect(after(`read=${BOB}`, (entries) => without(entries, BOB))).toBe('')
})

test('everybody takes in everyone who has no more', () => {
  const everybody = (right: 'read' | 'write') => (header: string) =>
    after(header, (entries) => withEntry(entries, { subject: '*', right }))
  expect(everybody('read')(`read=${BOB};write=${TEAM}`)).toBe(`read=*;write=${TEAM}`)
  expect(everybody('write')(`read=${BOB};write=${TEAM}`)).toBe('write=*')
})
