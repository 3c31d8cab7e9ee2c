import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { build } from 'vite'

const STYLESHEET = 'virtual:theme.css'

/**
 * Computes our theme when the page is built. Cloudscape's own way computes it in the browser, which costs 60 kB over the wire.
 * Cloudscape carries its font inside the style sheet, in every style; ours are files, so its faces are left out.
 */
export function theme(): Plugin {
  return {
    name: 'theme',
    resolveId: (id) => (id === STYLESHEET ? `\0${STYLESHEET}` : undefined),
    load: (id) => (id === `\0${STYLESHEET}` ? themeStylesheet() : undefined),
    transform: (code, id) =>
      /global-styles\/index\.css/.test(id) ? { code: code.replaceAll(/@font-face\s*\{[^}]*\}/g, ''), map: null } : undefined,
  }
}

async function themeStylesheet(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: { ssr: fileURLToPath(new URL('stylesheet.ts', import.meta.url)), write: false, minify: false },
  })
  if (!('output' in result)) throw new Error('The theme was not built')
  const { default: css } = (await import(`data:text/javascript,${encodeURIComponent(result.output[0].code)}`)) as {
    default: string
  }
  return css
}
