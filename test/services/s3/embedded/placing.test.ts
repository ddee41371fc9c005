import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { RecordedFiles } from './recorded-files.ts';
import { openStore, readWhole, type TestStore } from './store.ts';

const meta = { headers: {}, metadata: {} };
const large = (text: string): string =>
  text.repeat(Math.ceil((s3Limits.objectInlineBytesMax + 1) / text.length));

/** What each key may hold: two contents while a write is under way. */
type Truth = Map<string, readonly (string | undefined)[]>;

/** Objects in folders that are made, removed as empty and made again; large ones sync the folder of staged files. */
class Writer {
  readonly truth: Truth;
  readonly #store: TestStore;

  constructor(store: TestStore, truth: Truth) {
    this.#store = store;
    this.truth = truth;
  }

  async put(key: string, text: string): Promise<void> {
    await this.#write(key, text, async ({ objects }) => {
      const content = await objects.receive([Buffer.from(text)] as never, [], 1e9);
      await objects.put('bucket', key, content, meta, () => undefined);
    });
  }

  async delete(key: string): Promise<void> {
    await this.#write(key, undefined, ({ objects }) => objects.delete('bucket', key, () => undefined));
  }

  async #write(
    key: string,
    after: string | undefined,
    write: (store: TestStore) => Promise<unknown>,
  ): Promise<void> {
    this.truth.set(key, [...(this.truth.get(key) ?? [undefined]), after]);
    await write(this.#store);
    this.truth.set(key, [after]);
  }
}

async function scenario(store: TestStore, truth: Truth): Promise<void> {
  const writer = new Writer(store, truth);
  await store.buckets.create('bucket');
  await writer.put('folder/small.txt', 'small');
  await writer.put('folder/large.txt', large('first '));
  await writer.put('large.txt', large('beside '));
  await writer.delete('folder/small.txt');
  await writer.delete('folder/large.txt');
  await writer.put('folder/below/large.txt', large('second '));
  await writer.put('large.txt', large('again '));
  await store.objects.settle();
  await writer.delete('folder/below/large.txt');
  await Promise.all([
    writer.put('folder/below/small.txt', 'small again'),
    writer.put('folder/below/large.txt', large('third ')),
    writer.put('large.txt', large('once more ')),
  ]);
  await writer.put('large.txt', large('at last '));
}

/** Opens the store on what a power cut left, and compares. */
async function check(folder: string, truth: Truth, when: string): Promise<void> {
  const store = await openStore({ folder, clock: new ManualClock(1) });
  try {
    for (const [key, possible] of truth) {
      const seen = (await readWhole(store, 'bucket', key))?.text;
      assert.ok(possible.includes(seen), `${when}: ${key} is ${seen?.slice(0, 10)}`);
    }
    assert.deepEqual(store.damages, []);
  } finally {
    await store.close();
  }
}

/** Runs `work` on a store whose power is cut after so many changes of its files; says whether it was. */
async function cutAfter(
  folder: string,
  changes: number,
  work: (store: TestStore) => Promise<void>,
): Promise<{ readonly recorded: RecordedFiles; readonly wasCut: boolean }> {
  const recorded = await RecordedFiles.on(folder, changes);
  let store: TestStore | undefined;
  try {
    store = await openStore({ folder, files: recorded.files, clock: new ManualClock(1) });
    await work(store);
  } catch (error) {
    // What was under way beside it ends, too.
    if (recorded.changesLeft > 0) throw error;
  }
  const wasCut = recorded.changesLeft <= 0;
  recorded.changesLeft = 0;
  await store?.engine.close();
  return { recorded, wasCut };
}

const nothingMore = (): number => 0;

describe('files of objects, with a power failure at any change', () => {
  it('are where their rows say, in folders that are created, removed and created again', async () => {
    for (let changes = 1, wasCut = true; wasCut; changes++) {
      const folder = await temporaryFolder();
      const truth: Truth = new Map();
      const run = await cutAfter(folder, changes, (store) => scenario(store, truth));
      wasCut = run.wasCut;
      const image = join(folder, 'image');
      await run.recorded.survivors(image, nothingMore);
      await check(image, truth, `cut after ${changes} changes`);
      await rm(folder, { recursive: true });
    }
  });

  it('are restored by a start that is interrupted itself', async () => {
    const folder = await temporaryFolder();
    const truth: Truth = new Map();
    const { recorded } = await cutAfter(folder, Infinity, async (store) => {
      await store.buckets.create('bucket');
      await new Writer(store, truth).put('new/folder/large.txt', large('first '));
    });
    const image = join(folder, 'image');
    for (let changes = 1, wasCut = true; wasCut; changes++) {
      await recorded.survivors(image, nothingMore);
      const run = await cutAfter(image, changes, () => Promise.resolve());
      wasCut = run.wasCut;
      const after = join(folder, 'after');
      await run.recorded.survivors(after, nothingMore);
      await check(after, truth, `start cut after ${changes} changes`);
    }
  });
});
