import { type OnTestFinished, PATIENCE_MS } from '@synnefo/lib/testing'
import { type BrowserContext, chromium } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's Chromium with a profile of its own, in which nobody is signed in. */
export async function openBrowser(onTestFinished: OnTestFinished): Promise<BrowserContext> {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS })
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } })
  context.setDefaultTimeout(PATIENCE_MS) // a busy machine takes its time, and what is broken stays so
  return context
}
