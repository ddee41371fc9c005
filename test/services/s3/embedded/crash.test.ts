import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { realFiles, type Files, type OpenFile } from '../../../../src/services/s3/embedded/files.ts';
import type { EmbeddedObjects } from '../../../../src/services/s3/embedded/open.ts';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { openStore, readWhole, type TestStore } from './store.ts';

/** A file system that ends with its process: from the given step on nothing is done any more. */
function mortal(stepsLeft: number): { files: Files; bury: () => Promise<void> } {
  let steps = 0;
  const handles: OpenFile[] = [];
  const closed = new Set<OpenFile>();
  const live = (): void => {
    if (++steps > stepsLeft) throw new Error('the process is dead');
  };
  const wrap = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(object, name) {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          // Handles are closed by the system when a process dies.
          if (name !== 'close') live();
          else closed.add(object as OpenFile);
          const result: unknown = await Reflect.apply(member, object, args);
          if (name !== 'open') return result;
          const handle = result as OpenFile;
          handles.push(handle);
          return wrap(handle);
        };
      },
    });
  const bury = async (): Promise<void> => {
    for (const handle of handles) if (!closed.has(handle)) await handle.close();
  };
  return { files: wrap(realFiles), bury };
}

/** Numbers from a seed, the same each time: mulberry32. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Truth {
  readonly content: string;
  readonly tag: string;
}

const open = (folder: string, files: Files): Promise<TestStore> => openStore({ folder, files });

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 40_000) yield bytes.subarray(at, at + 40_000);
}

/** One write chosen by chance; gives what the object is when it has happened, undefined for none. */
async function someWrite(
  embedded: EmbeddedObjects,
  pick: (below: number) => number,
  key: string,
  before: Truth | undefined,
  tag: string,
): Promise<{ after: Truth | undefined; run: () => Promise<unknown> }> {
  const { objects, uploads } = embedded;
  const meta = { headers: {}, metadata: { tag } };
  const text = `${tag} `.repeat(1 + pick(pick(4) === 0 ? 30_000 : 30));
  const kind = pick(10);
  if (kind < 4 || (kind < 8 && before === undefined)) {
    const run = async () =>
      await objects.put('bucket', key, await objects.receive(bodyOf(text), [], 1e9), meta, () => {});
    return { after: { content: text, tag }, run };
  }
  if (kind < 7) {
    const added = pick(12) === 0 ? text + '.'.repeat(s3Limits.objectAppendBytesMax) : text;
    const run = () => objects.append('bucket', key, Buffer.from(added), meta, () => {});
    return { after: { content: (before?.content ?? '') + added, tag }, run };
  }
  if (kind < 8) {
    return { after: undefined, run: () => objects.delete('bucket', key, () => {}) };
  }
  const run = async () => {
    const upload = await uploads.create({ bucket: 'bucket', key, ...meta });
    await uploads.putPart(upload, 1, await objects.receive(bodyOf(text), [], 1e9));
    await uploads.putPart(upload, 2, await objects.receive(bodyOf('end'), [], 1e9));
    return await uploads.complete(upload, (parts) => parts, 'unconditional');
  };
  return { after: { content: `${text}end`, tag }, run };
}

async function look(embedded: EmbeddedObjects, key: string): Promise<Truth | undefined> {
  const seen = await readWhole(embedded, 'bucket', key);
  return seen && { content: seen.text, tag: seen.metadata['tag'] ?? '' };
}

const keys = ['log.txt', 'a', 'a/b', 'deep/er/x.txt'];

async function liveAndDie(seed: number): Promise<void> {
  const pick = random(seed);
  const folder = await temporaryFolder();
  try {
    const truth = new Map<string, Truth | undefined>();
    let embedded = await open(folder, realFiles);
    await embedded.buckets.create('bucket');
    await embedded.close();
    for (let life = 0; life < 6; life++) {
      const { files, bury } = mortal(40 + pick(400));
      let openNow: TestStore | undefined;
      let doubtful: { key: string; after: Truth | undefined } | undefined;
      try {
        embedded = await open(folder, files);
        openNow = embedded;
        for (let i = 0; ; i++) {
          const key = keys[pick(keys.length)] ?? 'a';
          const write = await someWrite(embedded, pick, key, truth.get(key), `${seed}.${life}.${i}`);
          doubtful = { key, after: write.after };
          await write.run();
          truth.set(key, write.after);
          doubtful = undefined;
        }
      } catch (error) {
        assert.match(String(error), /the process is dead/);
      }
      await bury();
      await openNow?.engine.close();
      embedded = await open(folder, realFiles);
      for (const key of keys) {
        const seen = await look(embedded, key);
        if (doubtful?.key === key && seen?.tag === doubtful.after?.tag) truth.set(key, doubtful.after);
        assert.deepEqual(seen, truth.get(key), `seed ${seed}, life ${life}, ${key}`);
      }
      assert.deepEqual(await realFiles.readdir(embedded.objects.layout.staging), []);
      await embedded.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a store whose process is killed at any step', () => {
  for (let seed = 1; seed <= 6; seed++) {
    it(`has every object as last acknowledged, or as the interrupted write wanted it (seed ${seed})`, () =>
      liveAndDie(seed));
  }
});

describe('a full disk', () => {
  it('is reported to the writer, and damages nothing', async () => {
    const folder = await temporaryFolder();
    let full = false;
    const noRoom = (): void => {
      if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const files: Files = {
      ...realFiles,
      async open(path, flags) {
        if (flags.startsWith('w')) noRoom();
        const handle: OpenFile = await realFiles.open(path, flags);
        return new Proxy(handle, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (typeof member !== 'function') return member;
            return (...args: unknown[]): unknown => {
              if (name === 'write') noRoom();
              return Reflect.apply(member, target, args);
            };
          },
        });
      },
    };
    const embedded = await open(folder, files);
    const { objects } = embedded;
    const put = async (text: string) =>
      objects.put(
        'bucket',
        'k',
        await objects.receive(bodyOf(text), [], 1e9),
        { headers: {}, metadata: { tag: 'x' } },
        () => {},
      );
    const append = (text: string) =>
      objects.append('bucket', 'k', Buffer.from(text), { metadata: { tag: 'x' } }, () => {});
    try {
      await embedded.buckets.create('bucket');
      await put('before ');
      full = true;
      const refused = { code: 'InternalError', status: 500, message: /no space left/ };
      await assert.rejects(put('small'), refused);
      await assert.rejects(put('large'.repeat(s3Limits.objectInlineBytesMax)), refused);
      await assert.rejects(append('more'), refused);
      assert.equal((await look(embedded, 'k'))?.content, 'before ');
      full = false;
      await append('after');
      assert.equal((await look(embedded, 'k'))?.content, 'before after');
      assert.equal(await readFile(`${folder}/objects/bucket/k%`, 'utf8'), 'before after');
      full = true;
      assert.equal(await objects.delete('bucket', 'k', () => {}), true);
      assert.equal(await objects.head('bucket', 'k'), undefined);
    } finally {
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
