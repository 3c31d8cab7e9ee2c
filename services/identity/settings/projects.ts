import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const projectsSettings = defineSettings({
  ASTAKOS_PROJECT_ADMINS: setting(Type.Array(Type.String()), {
    default: [],
    help: 'Ids (uuids) of the people who may see and decide about all projects.',
  }),
})
