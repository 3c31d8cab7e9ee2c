import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Flag, Text } from './types.ts'

export const projectsSettings = defineSettings({
  ASTAKOS_PROJECT_ADMINS: setting(Type.Array(Type.String()), {
    default: [],
    help: 'Ids (uuids) of the people who may see and decide about all projects.',
  }),
  ASTAKOS_TERMINATE_EXPIRED_PROJECTS: setting(Flag, {
    default: true,
    help: 'Whether projects end by themselves when their time has run out; otherwise `snf-manage project-control --terminate-expired` ends them.',
  }),
  ASTAKOS_PROJECT_EXPIRY_GRACE_DAYS: setting(Type.Integer({ minimum: 0, maximum: 36500 }), {
    default: 0,
    help: 'Days that a project goes on after its end date before it ends by itself.',
  }),
  QUOTA_POLICY_MODULE: setting(Text, {
    default: '',
    help: 'Path of a module of yours that is told what was done to memberships and projects; see the README of identity.',
  }),
})
