import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { programPath } from '../support/tools.ts';

const executablePath = programPath('chromium');
if (executablePath === undefined && process.env['CI'] === 'true') throw new Error('not installed: chromium');

/** Why there is no Chromium to test with; false if there is one. */
export const noChromium = executablePath === undefined ? 'not installed: chromium' : false;

/** A name of this machine that browsers do not trust as they trust its loopback addresses. */
export const OTHER_MACHINE = 'other-machine.test';

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    // Root, who runs tests in containers, has no sandbox; and containers have little shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${OTHER_MACHINE} 127.0.0.1`],
  });
}

/** A page whose errors, among them those of its Content-Security-Policy, are collected. */
export async function pageIn(context: BrowserContext, errors: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      errors.push(message.text());
    }
  });
  return page;
}
