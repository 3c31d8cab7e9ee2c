import { expect, test } from 'vitest'
import { draftFor, fieldsOf } from './draft.ts'

test('the name of a file tells much about the image in it', () => {
  expect(draftFor('debian-12.diskdump')).toMatchObject({
    name: 'debian-12',
    os: 'debian',
    osFamily: 'linux',
    diskFormat: 'diskdump',
    users: 'root',
  })
  expect(draftFor('Windows-2025.ntfsdump')).toMatchObject({ osFamily: 'windows', diskFormat: 'ntfsdump', users: 'Administrator' })
  expect(draftFor('mini.img')).toMatchObject({ name: 'mini', os: '', osFamily: 'linux', diskFormat: 'diskdump' })
})

test('only what was filled in is sent, and what was emptied is taken away', () => {
  const before = { ...draftFor('mini'), description: 'small' }
  expect(fieldsOf(draftFor('mini')).properties).toEqual({ osfamily: 'linux', root_partition: '1', users: 'root' })
  expect(fieldsOf({ ...before, description: '' }, before).properties).toMatchObject({ description: '' })
})

test('who may read it is sent only when that changes', () => {
  const draft = draftFor('mini')
  expect(fieldsOf(draft)).not.toHaveProperty('isPublic')
  expect(fieldsOf({ ...draft, isPublic: true })).toMatchObject({ isPublic: true })
  expect(fieldsOf(draft, { ...draft, isPublic: true })).toMatchObject({ isPublic: false })
})
