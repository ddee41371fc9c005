import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const WAITS = /\bsleep\(|\.schedule\(|\bbackoffMs\(|\bset(Timeout|Interval)\(|retryAfterMs: |retryDelayMs\(/;
/** What waiting is made of, and the words for it. */
const BASICS = ['src/support/clock.ts', 'src/support/backoff.ts'];
const INTERFACES = ['src/services/sns/deliveries.ts', 'src/services/sns/protocols/protocol.ts'];

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);

const waiting = sources.filter(
  (file) =>
    // What runs in the processes of functions is not the server.
    !file.includes('/bootstrap/') &&
    !BASICS.includes(file) &&
    !INTERFACES.includes(file) &&
    WAITS.test(readFileSync(join(root, file), 'utf8')),
);

test('docs/retries.md names each file that waits or retries, and no other', () => {
  const page = readFileSync(join(root, 'docs/retries.md'), 'utf8');
  const named = new Set(page.split('\n').flatMap((line) => /\| `(src\/[^`]+)` \|/.exec(line)?.[1] ?? []));
  assert.deepEqual([...named].sort(), waiting.sort());
});
