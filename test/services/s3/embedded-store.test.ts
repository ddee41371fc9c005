import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { it } from 'node:test';
import { EmbeddedStore } from '../../../src/services/s3/embedded-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openStore } from './embedded/store.ts';

it('lets other work run while it stores a large object', async () => {
  const folder = await temporaryFolder();
  const opened = await openStore({ folder });
  await opened.buckets.create('lake');
  const store = new EmbeddedStore(opened);
  const body = Buffer.alloc(32 * 1024 * 1024, 'x');
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const condition = { ifNoneMatch: '*' } as const;
  await store.put('lake', 'large', body, { condition });
  clearInterval(timer);
  assert.ok(turns >= 5, `${turns} turns of a timer`);
  const { body: read } = await store.get('lake', 'large');
  assert.ok(read.equals(body));
  await store.put('lake', 'empty', Buffer.alloc(0), { condition });
  assert.equal((await store.head('lake', 'empty'))?.sizeBytes, 0);
  await opened.close();
  await rm(folder, { recursive: true });
});
