/**
 * What users and access keys cost at the start: a server that has many beside one that has none, in turns; medians. The
 * server with many is stopped in order (its newest rows are in the log), as after any restart.
 *
 *   node bench/identities.ts [users, 10000] [keys, 100000] [rounds, 9]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniqueId } from '../src/auth/keys/access-key-id.ts';
import { AccessKeyTable } from '../src/auth/keys/access-keys.ts';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import { openKeyStore } from '../src/engine/key-store.ts';
import type { UserRow } from '../src/services/iam/rows.ts';
import { IamStore } from '../src/services/iam/store.ts';
import { systemClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { median } from './support/load.ts';
import { type Start, startMs } from './support/start.ts';

/** Commits at once: each waits for the disk. */
const COMMITS = 200;

const [users = 10_000, keys = 100_000, rounds = 9] = process.argv.slice(2).map(Number);
const root = await mkdtemp(join(tmpdir(), 'nagare-identities-'));
try {
  const folders = { none: join(root, 'none'), many: join(root, 'many') };
  for (const folder of Object.values(folders)) await startMs(folder);
  const begun = performance.now();
  await fill(folders.many);
  console.log(`${users} users and ${keys} keys made in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const starts: Record<'none' | 'many', Start[]> = { none: [], many: [] };
  for (let round = 0; round < rounds; round++) {
    starts.none.push(await startMs(folders.none));
    starts.many.push(await startMs(folders.many));
  }
  for (const kind of ['none', 'many'] as const) {
    const of = (figure: keyof Start): string => median(starts[kind].map((start) => start[figure])).toFixed(0);
    console.log(
      `${kind}: start ${of('ms')} ms, ${of('cpuMs')} ms of processor time, RssAnon ${of('rssAnonMb')} MB`,
    );
  }
  for (const figure of ['ms', 'cpuMs'] as const) {
    const ratios = starts.many.map((start, round) => start[figure] / (starts.none[round]?.[figure] ?? 0));
    const each = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
    console.log(`${figure} with many / with none: ${median(ratios).toFixed(2)} (${each})`);
  }
} finally {
  await rm(root, { recursive: true });
}

async function fill(dataDir: string): Promise<void> {
  const engine = await openEmbeddedEngine({
    folder: join(dataDir, 'engine'),
    clock: systemClock,
    log: silentLog,
  });
  const keyStore = await openKeyStore({
    catalog: engine.catalog,
    folder: join(dataDir, 'keys'),
    masterKey: undefined,
  });
  const [store, table] = [new IamStore(engine), new AccessKeyTable(engine, keyStore, systemClock)];
  const ids = Array.from({ length: users }, () => uniqueId('AIDA', 21));
  for (let from = 0; from < users; from += COMMITS) {
    await store.change((writes) => {
      for (const [index, id] of ids.slice(from, from + COMMITS).entries()) {
        const own = { id, name: `user-${from + index}`, path: '/', createdMs: systemClock.now() };
        const row: UserRow = { ...own, tags: { team: 'a' }, inline: [], attached: [], groups: [] };
        store.users.insert(writes, row);
        writes.put(store.names, id, { name: row.name });
      }
      return Promise.resolve();
    });
  }
  for (let from = 0; from < keys; from += COMMITS) {
    const made = Array.from({ length: Math.min(COMMITS, keys - from) }, (_, index) =>
      table.create(ids[(from + index) % users] ?? ''),
    );
    await Promise.all(made);
  }
  await engine.close();
}
