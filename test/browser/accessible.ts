import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Screenshots of a run, for the people who change a page. */
const pictures = process.env['NAGARE_SCREENSHOTS'];
/** Also wider than axe needs, to be looked at. */
const widths = pictures === undefined ? [320, 768, 1440] : [320, 768, 1280, 1440, 2560];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Opens a page at each width, and checks that axe finds nothing and that it is not too wide. */
export async function isAccessible(
  page: Page,
  name: string,
  colorScheme: 'light' | 'dark',
  open: () => Promise<void>,
): Promise<void> {
  await page.emulateMedia({ colorScheme });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('about:blank');
    await open();
    // The CSP of the page keeps scripts of others out, and axe with them.
    const found = await page.evaluate<Violation[]>(
      `${axe}; axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
    );
    const told = found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    assert.deepEqual(told, [], `at ${width}`);
    const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(wide) <= 0, `the page is ${String(wide)} pixels too wide at ${width}`);
    await picture(page, `${name}-${colorScheme}-${width}`);
  }
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}/${name}.png` });
}
