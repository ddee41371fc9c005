import { readFileSync, writeFileSync } from 'node:fs';

export const root = new URL('..', import.meta.url);

const file = new URL('package.json', root);

export function readPackage() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** In npm's own form, so that writing what was read changes nothing. */
export function writePackage(content) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
