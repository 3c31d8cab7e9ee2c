import { defineSettings, setting } from '@synnefo/lib/settings'
import { Text } from './types.ts'

export const brandingSettings = defineSettings({
  BRANDING_SERVICE_NAME: setting(Text, { default: 'Synnefo', help: 'Name of this cloud in pages and mails.' }),
  BRANDING_COMPANY_NAME: setting(Text, { default: '', help: 'Who runs this cloud, at the end of mails.' }),
})
