import { defineTask } from '@synnefo/lib/tasks'
import { forgetEndedLinks } from '../store/links.ts'

/** Public links that have expired or are used up answer nobody; their rows go too. */
export const forgetLinks = defineTask({
  name: 'object-store.forget-links',
  every: '1h',
  async run({ db }) {
    return { forgotten: await forgetEndedLinks(db) }
  },
})
