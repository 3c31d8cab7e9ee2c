// What a person does with the whole of the storage at the real page: the trash, containers, groups, what others share, searching.
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { BOB, choose, openStoragePage, pick, signedIn, TIMEOUT } from './storage-page.ts'
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

test('a group is made, shared with, seen by who is in it, and ends with its last member', { timeout: TIMEOUT }, async ({
  onTestFinished,
}) => {
  const { page, url, send, read, bob } = await openCloud(onTestFinished)
  await send('PUT', 'files/plans/sea.txt', 'the sea')
  await send('PUT', 'files/plans/deep/notes.txt', 'notes')
  await page.goto(`${url}/groups`)
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Create group' }).first().click()
  await dialog.getByLabel('Name').fill('my-crew')
  await dialog.getByText('holds no - and no _').waitFor()
  await dialog.getByLabel('Name').fill('Crew')
  await dialog.getByLabel('E-mail addresses').fill(`nobody@example.test, ${BOB}`)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await dialog.getByText('Nobody in this cloud has the address nobody@example.test').waitFor()
  await dialog.getByLabel('E-mail addresses').fill(BOB)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await dialog.getByRole('list', { name: 'Members' }).getByText(BOB).waitFor()
  await dialog.getByRole('button', { name: 'Create group' }).click()
  await page.getByRole('row', { name: /crew.*1 person.*bob@/ }).waitFor()

  await page.goto(`${url}/storage/files`)
  await choose(page, 'plans', 'Sharing')
  await pick(dialog, /^Share with/, 'Group crew')
  await pick(dialog, /^What they may do/, 'Can edit')
  await dialog.getByRole('button', { name: 'Share', exact: true }).click()
  await dialog.getByRole('list', { name: 'Shared with' }).getByText('Group crew', { exact: true }).waitFor()
  await page.goto(`${url}/shared`)
  await page.getByRole('table', { name: 'Shared by you' }).getByRole('link', { name: 'files' }).click()
  await page.getByText('Only what you share is shown here').waitFor()
  await page.getByRole('link', { name: 'plans', exact: true }).waitFor()

  // Bob finds it, takes a copy, and puts something there.
  const bobs = await signedIn(onTestFinished, url, BOB)
  await bobs.goto(`${url}/shared`)
  await bobs.getByRole('link', { name: 'alice@example.test' }).click()
  await bobs.getByRole('link', { name: 'files', exact: true }).click()
  await bobs.getByRole('row', { name: /plans.*View and edit/ }).waitFor()
  expect(await bobs.getByRole('button', { name: 'Upload' }).count()).toBe(0) // the folder is shared, not the container
  const theirs = bobs.getByRole('dialog')
  await choose(bobs, 'plans', 'Copy to your storage…')
  await theirs.getByRole('button', { name: 'Copy', exact: true }).click()
  await theirs.waitFor({ state: 'hidden' })
  const own = (name: string) =>
    fetch(`${url}/pithos/object-store/v1/${bob.uuid}/pithos/${name}`, { headers: { 'X-Auth-Token': bob.token } })
  expect(await (await own('plans/deep/notes.txt')).text()).toBe('notes')
  await bobs.getByRole('link', { name: 'plans', exact: true }).click()
  await bobs
    .getByLabel('Files to upload')
    .setInputFiles({ name: 'from bob.txt', mimeType: 'text/plain', buffer: Buffer.from('hi') })
  await bobs.getByRole('region', { name: 'Uploads' }).getByText('1 file uploaded').waitFor()
  expect(await read('files/plans/from%20bob.txt')).toBe('hi')
  await bobs.getByRole('row', { name: /from bob\.txt.*You/ }).waitFor()
  await bobs.getByRole('button', { name: 'What to do with from bob.txt' }).click()
  for (const name of ['Rename…', 'Delete']) {
    const item = bobs.getByRole('menuitem', { name })
    expect(await item.getAttribute('aria-disabled')).toBe('true')
    await item.hover()
    await bobs.getByText('Only the owner can rename, move or delete').filter({ visible: true }).first().waitFor()
  }
  await bobs.keyboard.press('Escape')
  for (const [method, to] of [
    ['DELETE', undefined],
    ['MOVE', '/files/plans/to.txt'],
  ] as const) {
    const path = 'files/plans/from%20bob.txt'
    expect((await send(method, path, undefined, { token: bob.token, ...(to && { Destination: to }) })).status).toBe(403)
  }

  await page.goto(`${url}/groups`)
  await page.getByRole('button', { name: 'Edit crew' }).click()
  await dialog.getByRole('button', { name: `Remove ${BOB}` }).click()
  await dialog.getByText('Nobody is left in it').waitFor()
  await dialog.getByRole('button', { name: 'Delete group' }).click()
  await page.getByText('No groups yet').waitFor()
  expect((await send('GET', 'files/plans/sea.txt', undefined, { token: bob.token })).status).toBe(403)
  await bobs.goto(`${url}/shared`)
  await bobs.getByText('Nobody shares with you').waitFor()
  expect((await send('HEAD', '', undefined)).headers.get('x-account-group-crew')).toBe(null)
})

test('metadata are written to files, and files found by them', { timeout: TIMEOUT }, async ({ onTestFinished }) => {
  const { page, url, send } = await openCloud(onTestFinished)
  await send('PUT', 'files/plans/sea.txt', 'the sea')
  await send('PUT', 'files/other.txt', 'other', { 'X-Object-Meta-Tags': 'mountains' })
  await send('PUT', 'photos')
  await send('PUT', 'photos/beach.jpg', 'sand', { 'X-Object-Meta-Tags': 'sea' })
  await page.goto(`${url}/storage/files?folder=plans%2F`)
  await choose(page, 'sea.txt', 'Metadata')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Add metadata' }).click()
  await dialog.getByLabel('Value of Tags').fill('sea')
  await dialog.getByRole('button', { name: 'Add metadata' }).click()
  await dialog.getByLabel('Name of metadata 2').fill('mood of the day')
  await dialog.getByLabel('Value of mood').fill('söft (very), 100%')
  await dialog.getByRole('button', { name: 'Save metadata' }).click()
  await dialog.getByRole('button', { name: 'Save metadata' }).and(page.locator(':disabled')).waitFor()
  const { headers } = await send('HEAD', 'files/plans/sea.txt')
  expect(decodeURIComponent(headers.get('x-object-meta-mood%20of%20the%20day')!)).toBe('söft (very), 100%')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByLabel('Value 1').fill('deep blue')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.getByText('Values with blanks or commas cannot be searched for').waitFor()
  await page.getByLabel('Value 1').fill('sea')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  const found = page.getByRole('table', { name: 'Found' })
  await found.getByRole('row', { name: /sea\.txt.*files\/plans\// }).waitFor()
  expect(await found.getByRole('row').count()).toBe(2)
  await pick(page.locator('main'), /^Search in/, 'All containers')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await found.getByRole('row', { name: /beach\.jpg/ }).waitFor()
  expect(await found.getByRole('row').count()).toBe(3)
  await page.goto(`${url}/search?in=files&meta=${encodeURIComponent('!Tags')}`)
  await page.getByText('Nothing is found').waitFor()
})

test('a text is changed in place and a content replaced, what is written to it stays, and no change is lost', {
  timeout: TIMEOUT,
}, async ({ onTestFinished }) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  await send('PUT', 'files/notes.txt', 'first\r\nlines', { 'X-Object-Meta-Tags': 'sea' })
  await page.goto(`${url}/storage/files`)
  await page.getByRole('button', { name: 'notes.txt', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const text = dialog.getByRole('textbox', { name: 'Content of notes.txt' })
  await text.fill('second\nwörds')
  await dialog.getByRole('button', { name: 'Save text' }).click()
  const saved = dialog.getByRole('button', { name: 'Save text' }).and(page.locator(':disabled')) // and no longer under way
  await saved.waitFor()
  expect(await read('files/notes.txt')).toBe('second\r\nwörds')
  await send('PUT', 'files/notes.txt', 'of somebody else', { 'X-Object-Meta-Tags': 'sea' })
  await text.fill('third')
  await dialog.getByRole('button', { name: 'Save text' }).click()
  await dialog.getByText('The file was changed meanwhile').waitFor()
  expect(await read('files/notes.txt')).toBe('of somebody else')
  await dialog.getByRole('button', { name: 'Show it as it is now' }).click()
  await expect.poll(() => text.inputValue()).toBe('of somebody else')
  await text.fill('never saved')
  await dialog.getByRole('tab', { name: 'Properties' }).click()
  await dialog.getByRole('tab', { name: 'Text' }).click()
  expect(await text.inputValue()).toBe('never saved')
  await dialog.getByRole('button', { name: 'Close' }).click()
  const leaving = page.getByRole('dialog', { name: 'Discard what you wrote?' })
  await leaving.getByRole('button', { name: 'Cancel' }).click()
  await leaving.waitFor({ state: 'detached' })
  await text.fill('')
  await dialog.getByRole('button', { name: 'Save text' }).click()
  await saved.waitFor()
  expect(await read('files/notes.txt')).toBe('')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await choose(page, 'notes.txt', 'Replace content…')
  await page.getByLabel('File with the new content').setInputFiles({
    name: 'other.html',
    mimeType: 'text/html',
    buffer: Buffer.from('<p>new</p>'),
  })
  await expect.poll(() => read('files/notes.txt')).toBe('<p>new</p>')
  const { headers } = await send('HEAD', 'files/notes.txt')
  expect([headers.get('content-type'), headers.get('x-object-meta-tags')]).toEqual(['text/html', 'sea'])
})

test('files are dragged into folders, folders found in a tree, and pictures shown', { timeout: TIMEOUT }, async ({
  onTestFinished,
}) => {
  const { page, url, send, read } = await openCloud(onTestFinished)
  await page.setViewportSize({ width: 1440, height: 900 })
  const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>'
  await send('PUT', 'files/sea.svg', picture, { 'Content-Type': 'image/svg+xml' })
  await send('PUT', 'files/land.svg', picture, { 'Content-Type': 'image/svg+xml' })
  await send('PUT', 'files/notes.txt', 'notes')
  await send('PUT', 'files/plans/deep/notes.txt', 'other notes')
  await page.goto(`${url}/storage/files`)
  await page.getByRole('button', { name: 'sea.svg', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const shown = dialog.getByRole('img', { name: 'sea.svg' })
  await expect.poll(() => shown.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(40)
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page
    .getByRole('button', { name: 'sea.svg', exact: true })
    .dragTo(page.getByRole('table').getByRole('link', { name: 'plans', exact: true }))
  await dialog.getByText('plans/', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByRole('button', { name: 'sea.svg', exact: true }).waitFor({ state: 'detached' })
  expect(await read('files/plans/sea.svg')).toBe(picture)

  const tree = page.getByRole('tree', { name: 'Folders' })
  await tree.getByRole('treeitem', { name: 'plans' }).getByRole('button').first().click()
  const deep = tree.getByRole('link', { name: 'deep' })
  await page.getByRole('button', { name: 'notes.txt', exact: true }).dragTo(deep)
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await dialog.getByText('There already: notes.txt').waitFor()
  await dialog.getByRole('radio', { name: 'Keep both, under another name' }).check({ force: true })
  await dialog.getByLabel('New name').fill('mine.txt')
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByRole('button', { name: 'notes.txt', exact: true }).waitFor({ state: 'detached' })
  expect(await read('files/plans/deep/mine.txt')).toBe('notes')
  await deep.click()
  await page.getByRole('heading', { level: 1, name: 'deep' }).waitFor()
  await page.keyboard.press('Alt+n')
  await page.getByRole('dialog', { name: 'New folder' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('Alt+g')
  await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor()
})
