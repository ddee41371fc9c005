#!/usr/bin/env node
// run-tests.mjs <lanes> <report.tap or -> <files or globs...>: runs test files in so many processes at once. Node's
// command line sorts the files; .ci/run gives the long ones first, so that no lane works alone at the end.
//
// A suite has a process of its own. Other files share one with those beside them, each as a suite with hooks of its
// own: to load the server takes longer than most of them take to run.
import { createWriteStream, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';

const filesPerProcess = 10;
/** They measure the memory of their process, or change what is the whole process's. */
const alone = new Set(['test/http/bodies.test.ts', 'test/queue/leased/many-groups.test.ts']);

const [lanes, report, ...patterns] = process.argv.slice(2);
const paths = patterns.flatMap((pattern) => globSync(pattern).toSorted());
const shared = paths.filter((path) => path.endsWith('.test.ts') && !alone.has(path));
const files = paths.filter((path) => !shared.includes(path));

const folder = fileURLToPath(new URL('../node_modules/.cache/tests/', import.meta.url));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (let first = 0; first < shared.length; first += filesPerProcess) {
  const suites = shared.slice(first, first + filesPerProcess).map((path) => {
    const url = pathToFileURL(resolve(path)).href;
    return `describe('${path}', async () => { await import('${url}'); });\n`;
  });
  const file = `${folder}${String(first).padStart(4, '0')}.mjs`;
  writeFileSync(file, `import { describe } from 'node:test';\n${suites.join('')}`);
  files.push(file);
}

const tests = run({
  files,
  concurrency: Number(lanes),
  timeout: 600_000,
  // A test that fails may leave a server open, with which its file would never end.
  execArgv: ['--test-force-exit'],
});
let failures = 0;
tests.on('test:fail', () => failures++);
tests.compose(new spec()).pipe(process.stdout);
if (report !== '-') await finished(tests.compose(tap).pipe(createWriteStream(report)));
else await finished(tests);
process.exitCode = failures > 0 ? 1 : 0;
