import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import { SEGMENTS_FOLDER } from '../../../../src/engine/embedded/read/segment-file.ts';
import { diskOf, emptyDisk, fillStore, openStore } from '../store.ts';

// A process may have been killed before it synced them; a sync of a folder below does not cover its own name.
test('a start makes the names of folders durable before it relies on their content', async () => {
  const filled = emptyDisk();
  await fillStore(filled);
  const calls: string[] = [];
  const disk = new Proxy<Disk>(diskOf(filled.files()), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        calls.push(`${String(name)} ${String(args[0])}`);
        return Reflect.apply(member, target, args);
      };
    },
  });
  const engine = await openStore(disk);
  await engine.close();
  const made = calls.findLastIndex((call) => call.startsWith('makeFolder'));
  const synced = calls.indexOf('syncFolder .', made);
  const listed = calls.indexOf(`list ${SEGMENTS_FOLDER}`, made);
  assert(made >= 0 && synced > made && listed > synced, calls.join('\n'));
});
