// Installs what package-lock.json names when node_modules is absent or out of step with it, so that `npm start` and
// `npm test` work in a fresh clone. Runs on whatever Node the machine has (18 or newer), before the project's own.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isInstalled()) {
  process.stderr.write('installing the dependencies (once; npm ci)\n');
  // npm hands its own path to the scripts that it runs; without it we were not called by npm.
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const args = [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Its report of what it added would stand in the server's own output.
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

/** npm leaves a copy of what it installed in node_modules; it holds only packages that are for this platform. */
function isInstalled() {
  const wanted = packages(join(root, 'package-lock.json'));
  const present = packages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
