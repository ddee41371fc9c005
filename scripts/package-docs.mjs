// The pages that go into the npm package: their links to source and tests, which do not, become text while it is
// packed. scripts/prepack.mjs and scripts/postpack.mjs call this.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { readPackage, root } from './package-json.mjs';

const folders = ['docs', 'examples'];
const originals = new URL('node_modules/.cache/docs-before-pack/', root);

const LINK = /\[([^\]]*)\]\(([^()\s]+)\)/g;

export function isPacked(page, link, files) {
  if (/^[a-z]+:/.test(link)) return true;
  const path = link.split('#')[0];
  const target = path === '' ? page : posix.join(posix.dirname(page), path).replace(/\/$/, '');
  return files.some((file) => target === file || target.startsWith(`${file}/`));
}

function packed(page, text, files) {
  return text.replace(LINK, (whole, words, link) => (isPacked(page, link, files) ? whole : words));
}

/** The pages that go into the package, relative to the root. */
function pages(files) {
  const inFolders = folders.flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true }).map((name) => `${folder}/${name}`),
  );
  return [...files, ...inFolders].filter((name) => name.endsWith('.md'));
}

export function packDocs() {
  const { files } = readPackage();
  if (existsSync(originals)) {
    throw new Error('an npm pack was interrupted: node scripts/postpack.mjs puts the pages back first');
  }
  for (const page of pages(files)) {
    const path = new URL(page, root);
    const text = readFileSync(path, 'utf8');
    const changed = packed(page, text, files);
    if (changed === text) continue;
    cpSync(path, new URL(page, originals));
    writeFileSync(path, changed);
  }
}

export function restoreDocs() {
  if (!existsSync(originals)) return;
  cpSync(originals, root, { recursive: true });
  rmSync(originals, { recursive: true });
}
