#!/usr/bin/env node
// run-tests.mjs <lanes> <report.tap> <files...>: runs test files in so many processes at once, in the order given. Node's
// command line sorts the files; .ci/run gives the long ones first, so that no lane works alone at the end.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';

const [lanes, report, ...files] = process.argv.slice(2);
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
await finished(tests.compose(tap).pipe(createWriteStream(report)));
process.exitCode = failures > 0 ? 1 : 0;
