// The bar on top of the pages of all services. A page defines where it is (CLOUDBAR_LOCATION, GET_SERVICES_URL,
// GET_MENU_URL and, if it likes, CLOUDBAR_VERSION, CLOUDBAR_HEIGHT, CLOUDBAR_BACKGROUND_COLOR, CLOUDBAR_EXTRA_CSS,
// CLOUDBAR_INCLUDE_FONTS, SKIP_ADDITIONAL_CSS), then loads this script. It needs no other library.
;(() => {
  const page = window
  if (page.CLOUDBAR_ACTIVE === false || !page.GET_SERVICES_URL || !page.GET_MENU_URL) return
  const location = page.CLOUDBAR_LOCATION || new URL('.', document.currentScript.src).href
  const version = page.CLOUDBAR_VERSION ? `?${encodeURIComponent(page.CLOUDBAR_VERSION)}` : ''
  const height = Number(page.CLOUDBAR_HEIGHT) || 35
  const background = page.CLOUDBAR_BACKGROUND_COLOR || '#000000'

  addStyles(`${location}cloudbar.css${version}`)
  if (page.CLOUDBAR_INCLUDE_FONTS !== false && !page.SKIP_ADDITIONAL_CSS)
    for (const url of page.CLOUDBAR_EXTRA_CSS || []) addStyles(url)

  const bar = element('nav', 'cloudbar servicesbar')
  bar.setAttribute('aria-label', 'Services')
  bar.style.height = `${height}px`
  bar.style.lineHeight = `${height}px`
  bar.style.backgroundColor = background
  const services = bar.appendChild(element('ul', 'services'))
  const profile = bar.appendChild(element('div', 'profile'))

  whenReady(async () => {
    document.body.style.paddingTop = `${height}px`
    document.body.prepend(bar)
    const [components, menu] = await Promise.all([
      ask(page.GET_SERVICES_URL),
      ask(withParameter(page.GET_MENU_URL, 'location', page.location.href.split(/[?#]/)[0])),
    ])
    const isActive = showServices(components || [])
    showMenu(menu || [], !isActive)
    document.dispatchEvent(new CustomEvent('cloudbar:ready'))
  })

  /** Answers whether the page is one of these. */
  function showServices(components) {
    const shown = components.filter(({ url }) => isAddress(url))
    const active = shown.filter(({ url }) => page.location.href.startsWith(url)).sort((a, b) => b.url.length - a.url.length)[0]
    for (const component of shown) {
      const { name, url, verbose_name: verboseName, cloudbar = {} } = component
      const entry = services.appendChild(element('li', `service service-${name}`))
      entry.hidden = cloudbar.show === false
      const link = entry.appendChild(element('a'))
      link.href = url
      link.title = cloudbar.title || ''
      if (cloudbar.icon) {
        const icon = link.appendChild(element('img'))
        icon.src = isAddress(cloudbar.icon) ? cloudbar.icon : location + cloudbar.icon
        icon.alt = ''
      }
      link.append(cloudbar.name || verboseName || name)
      if (component === active) markActive(entry)
    }
    return active !== undefined
  }

  /** The first entry is the label of the menu, the others are its items; the label leads to the first of them. */
  function showMenu(entries, isActive) {
    const [label, ...items] = entries
    if (!label) return
    document.body.classList.toggle('user-not-authenticated', items.length === 0)
    const link = profile.appendChild(element('a', 'user'))
    link.textContent = label.name
    const target = items[0] || label
    if (isAddress(target.url)) link.href = target.url
    if (isActive) markActive(profile)
    if (items.length === 0) return
    link.setAttribute('aria-haspopup', 'true')
    const list = profile.appendChild(element('ul', 'usermenu'))
    for (const { url, name, is_active: current } of items) {
      if (!isAddress(url)) continue
      const item = list.appendChild(element('li')).appendChild(element('a'))
      item.href = url
      item.textContent = name
      if (current) markActive(item.parentNode)
    }
  }

  function markActive(entry) {
    entry.classList.add('active')
    entry.querySelector('a')?.setAttribute('aria-current', 'true')
  }

  /** As JSON with the cookies of the identity service; where that is not allowed, as a script. */
  async function ask(url) {
    try {
      const answer = await fetch(url, { credentials: 'include' })
      if (answer.ok) return await answer.json()
    } catch {
      // the script that follows may be allowed
    }
    return askByScript(url)
  }

  let scripts = 0
  function askByScript(url) {
    return new Promise((resolve) => {
      const callback = `cloudbar_answer_${scripts++}`
      const script = element('script')
      const done = (answer) => {
        delete page[callback]
        script.remove()
        resolve(answer)
      }
      page[callback] = done
      script.onerror = () => done(undefined)
      script.src = withParameter(url, 'callback', callback)
      document.head.append(script)
    })
  }

  function withParameter(url, name, value) {
    return `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`
  }

  function isAddress(url) {
    return typeof url === 'string' && /^https?:\/\//.test(url)
  }

  function element(name, className) {
    const made = document.createElement(name)
    if (className) made.className = className
    return made
  }

  function addStyles(url) {
    const link = element('link')
    link.rel = 'stylesheet'
    link.href = url
    document.head.append(link)
  }

  function whenReady(work) {
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', work)
    else work()
  }
})()
