import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag, Text } from './types.ts'

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
  ASTAKOS_PROJECT_MEMBERS_LIMIT_CHOICES: setting(Type.Array(Type.Union([Type.Literal('Unlimited'), Count])), {
    default: ['Unlimited', 5, 15, 50, 100],
    help: 'Numbers of members that the form of a project offers.',
  }),
  ASTAKOS_PAGINATE_BY: setting(Count, { default: 50, help: 'Projects, or members of a project, on a page.' }),
  ASTAKOS_PAGINATE_BY_ALL: setting(Count, { default: 50, help: 'Projects on a page of the search.' }),
  SYSTEM_PROJECT_NAME_TPL: setting(Text, {
    default: '[system] %s',
    help: "How project admins are shown people's system projects; %s stands for the person.",
  }),
  QUOTA_POLICY_MODULE: setting(Text, {
    default: '',
    help: 'Path of a module of yours that is told what was done to memberships and projects; see the README of identity.',
  }),
})
