/** Very many message groups: memory has a bound, and all groups are received. MESSAGE_GROUPS=1000000 is the long form. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { DeletedMessages } from '../../../src/queue/leased/deleted-messages.ts';
import { LeasedQueue } from '../../../src/queue/leased/leased-queue.ts';
import { ReadAhead } from '../../../src/queue/leased/read-ahead.ts';
import { queueLimits } from '../../../src/queue/limits.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const GROUPS = Number(process.env['MESSAGE_GROUPS'] ?? 20_000);
const SENT_AT_ONCE = 1000;
const AT_ONCE = 64;
/** A group of the window with its message. */
const GROUP_BYTES_MAX = 1500;
/** Compiled code and the like, whatever the number of groups: 900,000 left 4 MB. */
const HEAP_LEFT_BYTES_MAX = 8 * 1024 * 1024;
const OTHER_BYTES_MAX = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
// The function that the flag adds.
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test(`a FIFO queue receives ${GROUPS} groups, and keeps those of its window in memory`, async () => {
  const engine = await openEmbeddedEngine({
    folder: await temporaryFolder(),
    clock: systemClock,
    log: silentLog,
  });
  const queue = new LeasedQueue({
    engine,
    clock: systemClock,
    log: silentLog,
    id: 'q',
    handleKey: randomBytes(16),
    isOrdered: true,
    rules: () => ({ retentionMs: 345_600_000, delayMs: 0, receivesMax: undefined }),
    onDead: () => Promise.resolve(),
    deleted: new DeletedMessages(engine.catalog),
    readAhead: new ReadAhead(),
  });
  const before = usedBytes();
  const heapBefore = process.memoryUsage().heapUsed;
  for (let sent = 0; sent < GROUPS; sent += SENT_AT_ONCE) {
    await queue.send(
      Array.from({ length: Math.min(SENT_AT_ONCE, GROUPS - sent) }, (_, at) => ({
        id: randomBytes(16),
        digest: '0'.repeat(32),
        body: String(sent + at),
        groupId: `group-${sent + at}`,
      })),
    );
  }
  const { signal } = new AbortController();
  const receive = async () => await queue.receive({ most: 10, visibilityMs: 600_000, waitMs: 0, signal });
  const windowed = Math.min(GROUPS, queueLimits.groupWindowMessages);
  const mostBytes = windowed * GROUP_BYTES_MAX + OTHER_BYTES_MAX;
  const times = new Uint8Array(GROUPS);
  /** Receives and deletes at the same time, so that commits are shared. Resolves with how many messages it had. */
  const round = async (): Promise<number> => {
    const batches = await Promise.all(Array.from({ length: AT_ONCE }, receive));
    const received = batches.flat();
    for (const { message } of received) {
      const group = Number(message.body.toString());
      times[group] = (times[group] ?? 0) + 1;
    }
    await queue.delete(received.map(({ receiptHandle }) => receiptHandle));
    return received.length;
  };
  let checkAt = 0;
  for (let count = 0, more = await round(); more > 0; more = await round()) {
    count += more;
    if (count < checkAt) continue;
    checkAt += GROUPS / 20;
    const grown = usedBytes() - before;
    assert(grown < mostBytes, `${grown} bytes more after ${count} messages`);
  }
  assert(times.every((one) => one === 1));
  // What the engine caches lies outside of the heap, within its own bounds: of the groups nothing may be left.
  collectGarbage();
  const left = process.memoryUsage().heapUsed - heapBefore;
  assert(left < HEAP_LEFT_BYTES_MAX, `${left} bytes of the heap are left`);
  await queue.close();
  await engine.close();
});
