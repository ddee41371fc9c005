import assert from 'node:assert/strict';
import { cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { DamageError, FormatVersionError } from '../../../src/engine/embedded/errors.ts';
import { repairEngine } from '../../../src/engine/embedded/repair.ts';
import { verifyEngine } from '../../../src/engine/embedded/verify.ts';
import { contentOf, fillStore, filesOf, LOGS, openStore, temporaryFolder } from './store.ts';
import { ALL, pack, textsOf } from '../contract.ts';

async function filledFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await fillStore(folder);
  return folder;
}

/** What a start and a read of everything give; 'refused' when either throws DamageError naming the file. */
async function startAndRead(folder: string, file: string): Promise<unknown> {
  try {
    const engine = await openStore(folder);
    return await contentOf(engine).finally(() => engine.close());
  } catch (error) {
    assert(error instanceof DamageError || error instanceof FormatVersionError, String(error));
    assert(error.message.includes(file), `${error.message} does not name ${file}`);
    return 'refused';
  }
}

describe('a store that was harmed', () => {
  it('never serves a flipped byte, in whichever file it is, and verify finds it', async (t) => {
    const folder = await filledFolder(t);
    const files = await filesOf(folder);
    assert(files.length > 4, `only ${files.length} files`);
    const engine = await openStore(folder);
    const whole = await contentOf(engine);
    await engine.close();
    assert.deepEqual((await verifyEngine({ folder })).findings, []);
    const harmed = `${await temporaryFolder(t)}/harmed`;
    let refused = 0;
    for (const file of await filesOf(folder)) {
      const bytes = await readFile(join(folder, file));
      const step = Math.max(1, Math.floor(bytes.length / 25));
      for (let at = 0; at < bytes.length; at += step) {
        await rm(harmed, { recursive: true, force: true });
        await cp(folder, harmed, { recursive: true });
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        await writeFile(join(harmed, file), flipped);
        const { findings } = await verifyEngine({ folder: harmed }).catch((error: unknown) => {
          if (error instanceof FormatVersionError) return { findings: [error] };
          throw error;
        });
        const seen = await startAndRead(harmed, file);
        if (seen === 'refused') refused++;
        else assert.deepEqual(seen, whole, `${file} at ${at}`);
        // One slot of the mark is enough; the other may have any bytes.
        if (file !== 'mark') assert(findings.length > 0, `verify saw nothing in ${file} at ${at}`);
      }
    }
    assert(refused > 50, `only ${refused} were refused`);
  });

  it('refuses a file that was cut short, and repair keeps what is whole', async (t) => {
    const folder = await filledFolder(t);
    const whole = await openStore(folder);
    const before = await contentOf(whole);
    await whole.close();
    const harmed = `${await temporaryFolder(t)}/harmed`;
    for (const file of await filesOf(folder)) {
      const { length } = await readFile(join(folder, file));
      for (const part of [0, 0.3, 0.7, 0.99]) {
        await rm(harmed, { recursive: true, force: true });
        await cp(folder, harmed, { recursive: true });
        await truncate(join(harmed, file), Math.floor(length * part));
        if (file !== 'mark')
          assert.equal(await startAndRead(harmed, file), 'refused', `${file} cut to ${part}`);
        await repairEngine({ folder: harmed });
        const engine = await openStore(harmed);
        const after = await contentOf(engine);
        await engine.close();
        for (const [at, texts] of after.logs.entries()) assertWithin(before.logs[at] ?? [], texts);
        assert.deepEqual((await verifyEngine({ folder: harmed })).findings, []);
      }
    }
  });

  it('refuses a missing file, and repair tells which records went with it', async (t) => {
    const folder = await filledFolder(t);
    const whole = await openStore(folder);
    const before = await contentOf(whole);
    await whole.close();
    const [, , victim = ''] = await filesOf(folder);
    await rename(join(folder, victim), join(folder, 'gone'));
    assert.equal(await startAndRead(folder, victim), 'refused');
    const { lost, findings } = await repairEngine({ folder });
    assert(findings.some(({ file }) => file === victim));
    assert(lost.length > 0);
    const engine = await openStore(folder);
    const after = await contentOf(engine);
    for (const [at, log] of LOGS.entries()) {
      const gone = lost.filter((range) => range.log === log).reduce((sum, { count }) => sum + count, 0);
      assertWithin(before.logs[at] ?? [], after.logs[at] ?? []);
      assert.equal((after.logs[at]?.length ?? 0) + gone, before.logs[at]?.length);
    }
    assert.deepEqual(after.rows, before.rows);
    assert.deepEqual(after.sealed, before.sealed);
    await engine.append({ batches: [{ log: 1, records: pack('new') }] });
    assert.equal(textsOf(await engine.read(1, 0, ALL)).at(-1), 'new');
    await engine.close();
  });

  it('refuses the newest file missing, and a version that it does not know', async (t) => {
    const folder = await filledFolder(t);
    const newest = (await filesOf(folder)).at(-1) ?? '';
    await rename(join(folder, newest), join(folder, 'gone'));
    assert.equal(await startAndRead(folder, newest), 'refused');
    await rename(join(folder, 'gone'), join(folder, newest));
    assert.notEqual(await startAndRead(folder, newest), 'refused');
  });
});

/** Same order, nothing that was not there. */
function assertWithin(all: readonly string[], some: readonly string[]): void {
  let at = 0;
  for (const text of some) {
    at = all.indexOf(text, at) + 1;
    assert(at > 0, `${text} was not there before, or elsewhere`);
  }
}
