import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag, Text } from './types.ts'

/** Names to anything: what it may hold is in the presentation tables of `wire/`. */
const Meta = Type.Record(Type.String(), Type.Unknown())

export const cloudbarSettings = defineSettings({
  ASTAKOS_COMPONENTS_META: setting(Meta, {
    default: {},
    help: 'How components appear in the bar and on the overview, by name: `order`, `verbose_name`, `cloudbar` and `dashboard`; merged into what is built in.',
  }),
  ASTAKOS_RESOURCES_META: setting(Meta, {
    default: {},
    help: 'How resources are called and explained on pages: `groups`, `groups_order`, `resources` and `resources_order`; merged into what is built in.',
  }),
  CLOUDBAR_ACTIVE: setting(Flag, { default: true, help: 'Whether pages that embed the bar show it.' }),
  CLOUDBAR_LOCATION: setting(Text, {
    default: '',
    help: 'Address of the folder with the script of the bar; by default `/static/im/cloudbar/` of this cloud.',
  }),
  CLOUDBAR_COOKIE_NAME: setting(Text, { default: '_pithos2_a', help: 'Name of the cookie that the bar tells pages about.' }),
  CLOUDBAR_SERVICES_URL: setting(Text, {
    default: '',
    help: 'Where the bar asks which services there are; by default `ui/get_services` of this cloud.',
  }),
  CLOUDBAR_MENU_URL: setting(Text, {
    default: '',
    help: 'Where the bar asks who is signed in; by default `ui/get_menu` of this cloud.',
  }),
  CLOUDBAR_HEIGHT: setting(Count, { default: 35, help: 'Height of the bar in pixels.' }),
  CLOUDBAR_BACKGROUND_COLOR: setting(Text, { default: '#000000', help: 'Colour of the bar.' }),
})
