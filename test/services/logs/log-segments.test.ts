import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { EngineSegments, type SegmentRow } from '../../../src/services/logs/engine-segments.ts';
import { encodeEvent } from '../../../src/services/logs/log-events.ts';
import type { LogSegments } from '../../../src/services/logs/log-segments.ts';
import { logsLimits } from '../../../src/services/logs/limits.ts';
import { SegmentFiles } from '../../../src/services/logs/segment-files.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function openEngine(context: TestContext): Promise<Engine> {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  context.after(() => engine.close());
  return engine;
}

/** Opens the segments of a group again and again. */
type Opener = (context: TestContext) => Promise<() => LogSegments>;

const kinds: Readonly<Record<string, Opener>> = {
  files: async () => {
    const folder = join(await temporaryFolder(), 'g');
    return () => new SegmentFiles(folder);
  },
  'the engine': async (context) => {
    const engine = await openEngine(context);
    return () => new EngineSegments(engine, '/g');
  },
};

function line(stream: string, message: string): Buffer {
  return Buffer.from(encodeEvent({ stream, timestampMs: 1, message }));
}

function blank(one: Buffer): Buffer {
  return Buffer.from(`${' '.repeat(one.length - 1)}\n`);
}

for (const [name, opener] of Object.entries(kinds)) {
  describe(`the segments of a log group in ${name}`, () => {
    test('have what was appended, of any size, also when they are opened again', async (context) => {
      const open = await opener(context);
      const large = line('a', 'x'.repeat(logsLimits.segmentPieceBytes * 2));
      let segments = open();
      assert.deepEqual(await segments.list(), []);
      await segments.begin(1);
      await segments.append(line('a', '1'));
      await segments.append(large);
      await segments.sync();
      await segments.finish();
      segments = open();
      await segments.begin(1);
      await segments.append(line('b', '2'));
      await segments.begin(2);
      await segments.append(line('a', '3'));
      await segments.finish();
      const content = Buffer.concat([line('a', '1'), large, line('b', '2')]);
      assert.ok((await open().content(1)).equals(content));
      assert.deepEqual(await open().list(), [
        { number: 1, bytes: content.length },
        { number: 2, bytes: line('a', '3').length },
      ]);
    });

    test('end a line that was left incomplete before they continue', async (context) => {
      const open = await opener(context);
      const segments = open();
      await segments.begin(1);
      await segments.append(Buffer.from('{"time":1,"mess'));
      await segments.finish();
      await segments.begin(1);
      await segments.append(line('a', '1'));
      await segments.finish();
      assert.equal((await segments.content(1)).toString(), `{"time":1,"mess\n${line('a', '1').toString()}`);
    });

    test('blank the events of a stream, so that the others keep their positions, and go on', async (context) => {
      const open = await opener(context);
      const segments = open();
      await segments.begin(1);
      await segments.append(Buffer.concat([line('a', '1'), line('b', '2'), line('a', '3')]));
      await segments.blank(1, 'a');
      await segments.append(line('c', '4'));
      await segments.finish();
      const expected = [blank(line('a', '1')), line('b', '2'), blank(line('a', '3')), line('c', '4')];
      assert.equal((await open().content(1)).toString(), Buffer.concat(expected).toString());
    });

    test('are gone after they were removed', async (context) => {
      const open = await opener(context);
      const segments = open();
      for (const number of [1, 2, 3]) {
        await segments.begin(number);
        await segments.append(line('a', '1'));
      }
      await segments.remove(1);
      assert.deepEqual(
        (await segments.list()).map(({ number }) => number),
        [2, 3],
      );
      assert.equal((await segments.content(1)).length, 0);
      await segments.erase();
      assert.deepEqual(await open().list(), []);
    });
  });
}

test('a removal or a rewriting that a crash has interrupted leaves nothing behind', async (context) => {
  const engine = await openEngine(context);
  const rows = engine.catalog.table<SegmentRow>('logs.segments');
  const segments = new EngineSegments(engine, '/g');
  for (const number of [1, 2]) {
    await segments.begin(number);
    await segments.append(line('a', `${number}`));
  }
  await segments.finish();
  const [fresh = 0] = await engine.createLogs(1);
  const [first, second] = [...rows.entries()];
  assert.ok(first !== undefined && second !== undefined);
  await engine.catalog.commit((transaction) => {
    transaction.put(rows, first[0], { ...first[1], isGone: true });
    transaction.put(rows, second[0], { ...second[1], other: fresh });
  });
  assert.deepEqual(await new EngineSegments(engine, '/g').list(), [
    { number: 2, bytes: line('a', '2').length },
  ]);
  assert.deepEqual([...rows.entries()], [second]);
  assert.equal(engine.bounds(first[1].log).firstIndex, engine.bounds(first[1].log).nextIndex);
  assert.equal((await segments.content(2)).toString(), line('a', '2').toString());
});
