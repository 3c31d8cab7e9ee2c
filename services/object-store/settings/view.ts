import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const viewSettings = defineSettings({
  PITHOS_UNSAFE_DOMAIN: setting(Type.String({ pattern: '^([A-Za-z0-9.-]+(:[0-9]+)?|\\[[0-9a-fA-F:]+\\](:[0-9]+)?)?$' }), {
    default: '',
    help: 'Host, such as usercontent.example.org, that alone serves what users made to browsers: public links and views on other hosts lead there. Empty: all hosts do.',
  }),
})
