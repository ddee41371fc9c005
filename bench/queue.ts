/**
 * What messages that wait cost: the start and the memory of a queue with a dispatcher, with many messages in as many
 * lanes, beside an empty one. Each in a process of its own.
 *
 *   node bench/queue.ts [messages, 10000000] [lanes, 1000000]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import { Dispatcher } from '../src/queue/dispatcher.ts';
import { DurableQueue } from '../src/queue/durable-queue.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';

const MESSAGES_PER_COMMIT = 1000;
const AT_ONCE = 128;
/** Messages delivered before memory is measured. */
const DELIVERIES = 20_000;

interface Head {
  readonly n: number;
}

const self = fileURLToPath(import.meta.url);
if (process.argv[2] === '--deliver') await deliver(process.argv[3] ?? '', Number(process.argv[4]));
else await bench(Number(process.argv[2] ?? 10_000_000), Number(process.argv[3] ?? 1_000_000));

async function bench(messages: number, lanes: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'nagare-queue-'));
  try {
    const [empty, full] = [join(root, 'empty'), join(root, 'full')];
    await fill(full, messages, lanes);
    for (const [name, folder, deliveries] of [
      ['empty', empty, 0],
      [`${messages} messages in ${lanes} lanes`, full, Math.min(DELIVERIES, messages)],
    ] as const) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        self,
        '--deliver',
        folder,
        String(deliveries),
      ]);
      process.stdout.write(`${name}: ${stdout}`);
    }
  } finally {
    await rm(root, { recursive: true });
  }
}

async function open(folder: string) {
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const options = { engine, clock: systemClock, log: silentLog, name: 'bench', waitingMax: Infinity };
  return { engine, queue: await DurableQueue.open<Head>(options) };
}

async function fill(folder: string, messages: number, lanes: number): Promise<void> {
  const { engine, queue } = await open(folder);
  const begun = performance.now();
  for (let from = 0; from < messages; from += MESSAGES_PER_COMMIT) {
    await queue.send(
      Array.from({ length: Math.min(MESSAGES_PER_COMMIT, messages - from) }, (_, index) => {
        const n = from + index;
        const lane = String((n * 7_368_787) % lanes).padStart(12, '0');
        return { body: Buffer.alloc(100, n), to: [{ lane, head: { n } }] };
      }),
    );
  }
  const seconds = (performance.now() - begun) / 1000;
  await engine.close();
  console.log(`sent ${(messages / seconds / 1000).toFixed(0)} k messages/s`);
}

async function deliver(folder: string, deliveries: number): Promise<void> {
  const begun = performance.now();
  const { engine, queue } = await open(folder);
  const openMs = performance.now() - begun;
  const before = await rssAnonMb();
  const { promise, resolve } = Promise.withResolvers<void>();
  let delivered = 0;
  if (deliveries === 0) resolve();
  const dispatcher = new Dispatcher<Head>({
    queue,
    clock: systemClock,
    log: silentLog,
    noun: 'a message',
    atOnceMax: AT_ONCE,
    atOncePerLaneMax: () => 1,
    async attempt() {
      if (++delivered === deliveries) resolve();
      await new Promise((next) => setImmediate(next));
      return { type: 'settled' };
    },
  });
  const deliveriesBegun = performance.now();
  dispatcher.start();
  await promise;
  const perSecond = (delivered / (performance.now() - deliveriesBegun)) * 1000;
  const after = await rssAnonMb();
  await dispatcher.close();
  await engine.close();
  console.log(
    `opened in ${openMs.toFixed(0)} ms, ${perSecond.toFixed(0)} deliveries/s, RssAnon ${before.toFixed(0)} MB, ` +
      `${after.toFixed(0)} MB after ${delivered} deliveries`,
  );
}

async function rssAnonMb(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000;
}
