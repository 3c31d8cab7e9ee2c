// What a person does with the whole of the storage at the real page: the trash, containers, groups, what others share, searching.
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { choose, openStoragePage, TIMEOUT } from './storage-page.ts'
import { builtWebPage } from './web-page.ts'

const web = builtWebPage()
const openCloud = (onTestFinished: OnTestFinished) => openStoragePage(onTestFinished, web())

test('what is thrown away is restored to where it was, and what stays in the trash goes when it is emptied', {
  timeout: TIMEOUT,
}, async ({ onTestFinished }) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  await send('PUT', 'files/plans/sea.txt', 'the sea')
  await send('PUT', 'files/plans/deep/notes.txt', 'notes')
  await send('PUT', 'files/old.txt', 'old')
  await page.goto(`${url}/storage`)
  await page.getByRole('link', { name: 'pithos', exact: true }).waitFor() // there from the first visit on
  await page.getByRole('link', { name: 'files', exact: true }).click()
  await page.getByRole('link', { name: 'plans', exact: true }).click()
  const dialog = page.getByRole('dialog')
  // From the list, from the panel of a file, and from a selection.
  await page.getByRole('button', { name: 'sea.txt', exact: true }).click()
  await dialog.getByRole('button', { name: 'Move to trash' }).click()
  await page.getByRole('dialog', { name: 'Move “sea.txt” to the trash?' }).getByRole('button', { name: 'Move to trash' }).click()
  await page.getByRole('button', { name: 'sea.txt', exact: true }).waitFor({ state: 'detached' })
  await choose(page, 'deep', 'Move to trash')
  await dialog.getByRole('button', { name: 'Move to trash' }).click()
  await page.getByText('This folder is empty').waitFor()
  await page.goto(`${url}/storage/files`)
  await page.getByRole('checkbox', { name: 'Select old.txt' }).check({ force: true })
  await page.getByRole('button', { name: 'Move to trash', exact: true }).click()
  await dialog.getByRole('button', { name: 'Move to trash' }).click()
  await page.getByText('This container is empty').waitFor()
  expect(await Promise.all(['sea.txt', 'deep/notes.txt', 'old.txt'].map((name) => read(`trash/${name}`)))).toEqual([
    'the sea',
    'notes',
    'old',
  ])

  // Something else took the place of one meanwhile, and the container of another went.
  await send('PUT', 'files/plans/sea.txt', 'another sea')
  await page.goto(`${url}/storage/trash`)
  expect(await page.getByRole('button', { name: 'New folder' }).count()).toBe(0)
  await page.getByRole('row', { name: /sea\.txt.*files\/plans\// }).waitFor()
  await page.getByRole('button', { name: 'Restore sea.txt' }).click()
  await dialog.getByText('files/plans/sea.txt').waitFor()
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  await dialog.getByText('There already: files/plans/sea.txt').waitFor()
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByRole('button', { name: 'Restore sea.txt' }).waitFor({ state: 'detached' })
  expect([await read('files/plans/sea.txt'), await read('files/plans/sea%20(2).txt')]).toEqual(['another sea', 'the sea'])
  expect((await send('HEAD', 'files/plans/sea%20(2).txt')).headers.get('x-object-meta-trashed-from')).toBe(null)
  await send('DELETE', 'files?delimiter=/')
  await send('DELETE', 'files')
  await page.getByRole('checkbox', { name: 'Select deep' }).check({ force: true })
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await dialog.getByText('Made anew: files').waitFor()
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.getByRole('link', { name: 'deep', exact: true }).waitFor({ state: 'detached' })
  expect(await read('files/plans/deep/notes.txt')).toBe('notes')

  await send('PUT', 'trash/other.txt', 'other') // as other clients throw away: nobody knows from where
  await page.getByRole('button', { name: 'Look again' }).click()
  await page.getByRole('button', { name: 'Restore other.txt' }).click()
  await dialog.getByText('It is not known where this was').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete other.txt for ever' }).click()
  await dialog.getByRole('button', { name: 'Delete for ever' }).click()
  await page.getByRole('button', { name: 'Restore other.txt' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Empty trash' }).click()
  await dialog.getByText('1 object').waitFor()
  await dialog.getByRole('button', { name: 'Empty trash' }).click()
  await page.getByText('The trash is empty').waitFor()
  expect(await read('trash/old.txt')).toBe(404)
})

test('a container changes its project, history and largest size, is emptied and deleted after a word on what goes', {
  timeout: TIMEOUT,
}, async ({ onTestFinished }) => {
  const { page, url, send, project } = await openCloud(onTestFinished)
  const research = await project('research.example.test')
  await send('PUT', 'files/notes.txt', 'mine')
  await page.goto(`${url}/storage`)
  await choose(page, 'files', 'Settings…')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: /^Project/ }).click()
  await page.getByRole('option', { name: /research/ }).click()
  await dialog.getByRole('radio', { name: /Not kept/ }).check({ force: true })
  await dialog.getByRole('textbox', { name: 'Largest size' }).fill('0')
  await dialog.getByText('A number above 0, or nothing').waitFor()
  await dialog.getByRole('textbox', { name: 'Largest size' }).fill('1.5')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const { headers } = await send('HEAD', 'files')
  expect(['project', 'versioning', 'quota'].map((name) => headers.get(`x-container-policy-${name}`))).toEqual([
    research,
    'none',
    String(1.5 * 2 ** 30),
  ])
  await page.getByRole('meter', { name: /research\.example\.test: 4 bytes/ }).waitFor({ state: 'attached' })
  await choose(page, 'files', 'Empty…')
  await dialog.getByText('1 object').waitFor()
  await dialog.getByText('keeps no history').waitFor()
  await dialog.getByRole('button', { name: 'Empty container' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect((await send('GET', 'files')).status).toBe(204)
  await choose(page, 'files', 'Delete…')
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('link', { name: 'files', exact: true }).waitFor({ state: 'detached' })
  expect((await send('HEAD', 'files')).status).toBe(404)
})
