// Before `npm pack` and `npm publish`: compiles src/ to dist/, and says in package.json which Node the package needs.
// In the repository package.json does not say so: there npm's scripts run on the Node that npm installs, whatever the
// machine has, and npm would warn of a machine's older Node for nothing. scripts/postpack.mjs takes it out again.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { bundlePages } from '../src/console/bundle.ts';
import { packDocs } from './package-docs.mjs';
import { readPackage, root, writePackage } from './package-json.mjs';

rmSync(new URL('dist', root), { recursive: true, force: true });

const tsc = new URL('node_modules/typescript/bin/tsc', root).pathname;
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// What is no TypeScript but belongs to it: programs that are handed to other processes, API models, pages.
cpSync(new URL('src', root), new URL('dist', root), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts') && !path.includes('/console/pages'),
});

// The pages of the console are bundled: users have no bundler.
const pages = new URL('dist/console/pages/', root);
mkdirSync(pages, { recursive: true });
for (const [name, content] of await bundlePages()) writeFileSync(new URL(name, pages), content);

const page = spawnSync(
  process.execPath,
  [new URL('scripts/man-page.ts', root).pathname, new URL('dist/nagare.1', root).pathname],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (page.status !== 0) process.exit(page.status ?? 1);

writePackage({ ...readPackage(), engines: { node: '>=22.18' } });

packDocs();
