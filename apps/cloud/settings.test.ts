import { describeSettings } from '@synnefo/lib/settings'
import { expect, test } from 'vitest'
import { settings } from './settings.ts'

test('the page of settings says what is declared', async () => {
  const intro =
    'Read from `*.toml` files in `/etc/synnefo` and `$SYNNEFO_HOME/settings`, in the order of their names, then from environment variables of the same names. `./synnefo up` brings a change into effect.'
  const page = `# Settings\n\n${intro}\n\n${describeSettings(settings)}\n`
  await expect(page).toMatchFileSnapshot('../../docs/settings.md')
})
