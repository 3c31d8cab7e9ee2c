// Files of the object store as a person handles them at the real page: sharing, public links, versions, and the past.
import { type OnTestFinished, until } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { BOB, choose, openStoragePage, pick, TIMEOUT } from './storage-page.ts'
import { builtWebPage } from './web-page.ts'

const web = builtWebPage()
const openCloud = (onTestFinished: OnTestFinished) => openStoragePage(onTestFinished, web())

test('a folder is shared with a person, what is in it says so, and a stranger is not found', { timeout: TIMEOUT }, async ({
  onTestFinished,
}) => {
  const { page, url, send, read, bob } = await openCloud(onTestFinished)
  await send('PUT', 'files/plans/sea%20%C3%A4.txt', 'the sea')
  await page.goto(`${url}/storage/files`)
  await choose(page, 'plans', 'Sharing')
  const dialog = page.getByRole('dialog', { name: /Sharing of/ })
  await dialog.getByText('Nobody but you can see this folder').waitFor()
  await dialog.getByRole('textbox', { name: 'E-mail address' }).fill('nobody@example.test')
  await dialog.getByRole('button', { name: 'Share', exact: true }).click()
  await dialog.getByText('Nobody in this cloud has that address').waitFor()
  await dialog.getByRole('textbox', { name: 'E-mail address' }).fill(BOB.toUpperCase())
  await dialog.getByRole('button', { name: 'Share', exact: true }).click()
  const shared = dialog.getByRole('list', { name: 'Shared with' })
  await shared.getByText(BOB, { exact: true }).waitFor()
  expect(await read('files/plans/sea%20%C3%A4.txt', bob.token)).toBe('the sea')
  const write = () => send('PUT', 'files/plans/sea%20%C3%A4.txt', 'the sea, by Bob', { token: bob.token })
  expect((await write()).status).toBe(403)
  await pick(shared, /What .* may do/, 'Can edit')
  await expect.poll(async () => (await write()).status).toBe(201)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('row', { name: /plans/ }).getByRole('img', { name: 'Shared' }).waitFor()

  await page.getByRole('link', { name: 'plans', exact: true }).click()
  await choose(page, 'sea ä.txt', 'Sharing')
  const inner = page.getByRole('dialog')
  await inner.getByText('This is shared through the folder plans').waitFor()
  expect(await inner.getByRole('button', { name: 'Share', exact: true }).count()).toBe(0)
  await inner.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('link', { name: 'files', exact: true }).click()
  await choose(page, 'plans', 'Sharing')
  await dialog.getByRole('button', { name: `Stop sharing with ${BOB}` }).click()
  await dialog.getByText('Nobody but you can see this folder').waitFor()
  expect(await read('files/plans/sea%20%C3%A4.txt', bob.token)).toBe(403)
})

test('a public link is made with limits, changed, and removed', { timeout: TIMEOUT }, async ({ onTestFinished }) => {
  const { page, url, send } = await openCloud(onTestFinished)
  await send('PUT', 'files/report.txt', 'all is well')
  await page.goto(`${url}/storage/files`)
  await choose(page, 'report.txt', 'Public link')
  const dialog = page.getByRole('dialog', { name: 'report.txt' })
  await pick(dialog, /Link ends/, 'In a week')
  await dialog.getByLabel('Number of downloads').fill('2')
  await dialog.getByLabel('Password of the link').fill('open sésame')
  await dialog.getByRole('button', { name: 'Make public link' }).click()
  await dialog.getByRole('button', { name: 'Remove public link' }).waitFor()
  const link = (await send('HEAD', 'files/report.txt')).headers.get('x-object-public')!
  await dialog.getByText(link).waitFor()
  const visit = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(link, { headers })
    return answer.ok ? answer.text() : answer.status
  }
  expect(await visit()).toBe(401)
  expect(await visit({ 'X-Object-Public-Password': encodeURIComponent('open sésame') })).toBe('all is well')

  await dialog.getByLabel('Number of downloads').fill('')
  await dialog.getByText('Ask for no password any more').click()
  await dialog.getByRole('button', { name: 'Change limits' }).click()
  await dialog.getByText('Any number', { exact: true }).waitFor()
  expect(await visit()).toBe('all is well')
  expect((await send('HEAD', 'files/report.txt')).headers.get('x-object-public-expires')).not.toBe(null)
  await page.getByRole('img', { name: 'Has a public link', includeHidden: true }).waitFor()
  await dialog.getByRole('button', { name: 'Remove public link' }).click()
  await dialog.getByRole('button', { name: 'Make public link' }).waitFor()
  expect(await visit()).toBe(404)
})

test('an earlier version of a file is brought back', { timeout: TIMEOUT }, async ({ onTestFinished }) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  const put = async (text: string) => (await send('PUT', 'files/notes.txt', text)).headers.get('x-object-version')!
  const first = await put('first words')
  await put('other')
  await page.goto(`${url}/storage/files`)
  await choose(page, 'notes.txt', 'Versions')
  const versions = page.getByRole('dialog', { name: 'notes.txt' }).getByRole('table', { name: 'Versions' })
  await versions.getByRole('row', { name: new RegExp(`^${first} .*11 bytes`) }).waitFor()
  await versions.getByRole('button', { name: `Restore version ${first}` }).click()
  await versions.getByRole('row', { name: /\(current\).*11 bytes/ }).waitFor()
  expect(await versions.getByRole('row').count()).toBe(4)
  expect(await read('files/notes.txt')).toBe('first words')
})

test('a folder is looked at as it was, and becomes that again', { timeout: TIMEOUT }, async ({ onTestFinished }) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  await send('PUT', 'files/plans/changed.txt', 'before')
  await send('PUT', 'files/plans/lost.txt', 'lost')
  const at = (Date.now() + 1) / 1_000
  await until(() => Date.now() / 1_000 > at)
  await send('PUT', 'files/plans/changed.txt', 'after')
  await send('DELETE', 'files/plans/lost.txt')
  await send('PUT', 'files/plans/new.txt', 'new')
  await send('PUT', 'files/elsewhere.txt', 'untouched')

  await page.goto(`${url}/storage/files`)
  await page.getByRole('button', { name: 'As it was…' }).click()
  await page.getByRole('button', { name: 'An hour ago' }).click()
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByText('This cannot be shown').waitFor() // there was no such container then

  await page.goto(`${url}/storage/files?at=${at}`)
  await page.getByRole('link', { name: 'plans' }).click()
  await page.getByRole('row', { name: /lost\.txt/ }).waitFor()
  expect(await page.getByRole('row', { name: /new\.txt/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Restore this folder' }).click()
  const dialog = page.getByRole('dialog')
  for (const [words, name] of [
    ['Come back: 1 file or folder', 'lost.txt'],
    ['Become what they were: 1 file or folder', 'changed.txt'],
    ['Are new since then, and go: 1 file or folder', 'new.txt'],
  ] as const) {
    await dialog.getByText(words).waitFor()
    await dialog.getByText(`plans/${name}`).waitFor()
  }
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  const outcome = dialog.getByRole('list', { name: 'What changed' })
  await outcome.waitFor()
  expect(await outcome.getByRole('listitem').allTextContents()).toEqual([
    '2 files and folders restored',
    '1 file or folder deleted that were not there then',
  ])
  await dialog.getByRole('button', { name: 'Show the files as they are now' }).click()
  await page.getByRole('button', { name: 'lost.txt', exact: true }).waitFor()
  const contents = ['plans/changed.txt', 'plans/lost.txt', 'plans/new.txt', 'elsewhere.txt'].map((name) => read(`files/${name}`))
  expect(await Promise.all(contents)).toEqual(['before', 'lost', 404, 'untouched'])
})

test('files and folders are renamed, moved, copied, and taken along as an archive', { timeout: TIMEOUT }, async ({
  onTestFinished,
}) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  await send('PUT', 'files/old/deep/sea.txt', 'the sea')
  await send('PUT', 'files/notes.txt', 'mine')
  await send('PUT', 'archive')
  await send('PUT', 'archive/kept/notes.txt', 'theirs')
  await page.goto(`${url}/storage/files`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download old as a ZIP archive' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('old.zip')
  expect(await download.failure()).toBe(null)

  await choose(page, 'old', 'Rename…')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('notes.txt')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await dialog.getByText('There is something of this name already').waitFor()
  await dialog.getByLabel('Name').fill('new')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('link', { name: 'new', exact: true }).waitFor()
  expect([await read('files/new/deep/sea.txt'), await read('files/old/deep/sea.txt')]).toEqual(['the sea', 404])

  await page.getByRole('checkbox', { name: 'Select notes.txt' }).check({ force: true })
  await page.getByRole('checkbox', { name: 'Select new', exact: true }).check({ force: true })
  await page.getByRole('button', { name: 'Move', exact: true }).click()
  await dialog.getByText('That is where it is already').waitFor()
  await pick(dialog, /^Container/, 'archive')
  await dialog.getByRole('button', { name: 'kept' }).click()
  await dialog.getByRole('button', { name: 'Up to archive' }).waitFor()
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await dialog.getByText('There already: notes.txt').waitFor()
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByText('This container is empty').waitFor()
  const moved = ['notes.txt', 'notes%20(2).txt', 'new/deep/sea.txt'].map((name) => read(`archive/kept/${name}`))
  expect(await Promise.all(moved)).toEqual(['theirs', 'mine', 'the sea'])
  expect(await read('files/notes.txt')).toBe(404)

  await page.goto(`${url}/storage/archive?folder=kept%2F`)
  await choose(page, 'new', 'Copy…')
  await dialog.getByRole('button', { name: 'Up to archive' }).click()
  await dialog.getByText('The container itself').waitFor()
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(await Promise.all(['new/deep/sea.txt', 'kept/new/deep/sea.txt'].map((name) => read(`archive/${name}`)))).toEqual([
    'the sea',
    'the sea',
  ])
})
