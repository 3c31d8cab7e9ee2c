import { defineSettings, setting } from '@synnefo/lib/settings'
import { Flag, Text } from './types.ts'

export const brandingSettings = defineSettings({
  BRANDING_SERVICE_NAME: setting(Text, { default: 'Synnefo', help: 'Name of this cloud in pages and mails.' }),
  BRANDING_SERVICE_URL: setting(Text, { default: '', help: 'Page about this cloud, for the templates of mails.' }),
  BRANDING_COMPANY_NAME: setting(Text, { default: '', help: 'Who runs this cloud, at the end of mails.' }),
  BRANDING_COMPANY_URL: setting(Text, { default: '', help: 'Page of who runs this cloud, for the templates of mails.' }),
  BRANDING_SHOW_COPYRIGHT: setting(Flag, { default: true, help: 'Whether the copyright is shown, for the templates of mails.' }),
  BRANDING_COPYRIGHT_MESSAGE: setting(Text, {
    default: '',
    help: 'The copyright, for the templates of mails; by default made of this year and `BRANDING_COMPANY_NAME`.',
  }),
  BRANDING_FOOTER_EXTRA_MESSAGE: setting(Text, { default: '', help: 'Further text for the templates of mails.' }),
})
