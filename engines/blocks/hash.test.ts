import { expect, test } from 'vitest'
import { hashBlock, rootHash, ZERO_BLOCK } from './hash.ts'

// Computed independently, in other languages: the names that existing clients compute.
const ABCD = '88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589'
const EFGH = 'e5e088a0b66163a0a26a5e053d2a4496dc16ab6e0e3dd1adf2d16aa84a078c9d'
const IJ = 'c9df9c3f2963b19b9b95f58c4d33b053fa9f8586dd6ee04126e52a868f882108'
const IJKL = '005c19658919186b85618c5870463eec8d9b8c1a9d00208a5352891ba5bbe086'
const MNOP = 'f1afc31479522d6cff1ed068f93998f05a8cd3b22f5c37d7f307084f62d1d270'
const QR = 'd847acf7bab1b6f761779f3995c693e25eb899dceea61ef9043532d1ae9923a6'

test.each([
  ['nothing', [], ZERO_BLOCK],
  ['one block', [ABCD], ABCD],
  ['two blocks', [ABCD, EFGH], '7d5473712172f9ec1494baa03da3d8734d12d385d1ca6340856771c3d93382e6'],
  ['three blocks', [ABCD, EFGH, IJ], '18374008371944fcd365918bfd1187d4edcaaad1ce8dc23e746347129b1f22d1'],
  ['a hole', [ABCD, ZERO_BLOCK, IJ], 'e165997b0772d7e96400b3589434b27aa047ca7b6a21cfa0a1443387d0ab9817'],
  ['five blocks', [ABCD, EFGH, IJKL, MNOP, QR], '6abcb011c8afa5d85393fb0508b78ff6ef4107e02540fae9ad8a6b3c124bcd88'],
  ['only zeros', [ZERO_BLOCK, ZERO_BLOCK], '2dba5dbc339e7316aea2683faf839c1b7b1ee2313db792112588118df066aa35'],
])('the root hash of %s', (_, hashes, root) => {
  expect(rootHash(hashes)).toBe(root)
})

test('only trailing zeros are left out of a hash', async () => {
  expect(await hashBlock(Buffer.from('ef\0\0'))).toBe('4ca669ac3713d1f4aea07dae8dcc0d1c9867d27ea82a3ba4e6158a42206f959b')
  expect(await hashBlock(Buffer.from('\0\0ef'))).not.toBe(await hashBlock(Buffer.from('ef')))
  expect(await hashBlock(Buffer.alloc(4 * 1024 * 1024))).toBe(ZERO_BLOCK)
})
