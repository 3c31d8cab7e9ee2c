// Google's widget, where the operator wants it: the only script that does not come from this cloud.
interface Recaptcha {
  ready(act: () => void): void
  render(place: HTMLElement, options: Record<string, unknown>): number
}

const SCRIPT = 'https://www.google.com/recaptcha/api.js?render=explicit'

/** Shows the widget above the page until the person passed it. */
export async function passRecaptcha({ siteKey, options }: { siteKey: string; options: Record<string, string> }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const dialog = document.createElement('dialog')
  const place = document.createElement('div')
  dialog.append(place)
  document.body.append(dialog)
  dialog.addEventListener('close', () => reject(new Error('Show that you are no machine, then send again.')))
  try {
    const recaptcha = await load()
    dialog.showModal()
    recaptcha.ready(() => recaptcha.render(place, { ...options, sitekey: siteKey, callback: resolve }))
    return await promise
  } finally {
    dialog.remove()
  }
}

async function load(): Promise<Recaptcha> {
  const page = window as unknown as { grecaptcha?: Recaptcha }
  if (page.grecaptcha === undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const script = document.createElement('script')
    script.src = SCRIPT
    script.onload = () => resolve()
    script.onerror = () => reject(new Error('reCAPTCHA cannot be loaded. Look whether something blocks it.'))
    document.head.append(script)
    await promise
  }
  if (page.grecaptcha === undefined) throw new Error('reCAPTCHA cannot be used here.')
  return page.grecaptcha
}
