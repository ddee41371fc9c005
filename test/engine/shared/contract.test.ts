import { rm } from 'node:fs/promises';

import { systemClock } from '../../../src/support/clock.ts';
import { tinyTables } from '../embedded/store.ts';
import { describeCommits } from '../commit-contract.ts';
import { describeEngine, type EngineFactory } from '../contract.ts';
import { describeTables } from '../tables-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { MemoryStore } from './memory-log.ts';
import { engineOf, openMember, untilOwner } from './shared-engine.ts';

// Every open, the first and each restart, begins with an empty folder: all there is comes from the shared log.
for (const segmentBytes of [undefined, 200]) {
  const factory: EngineFactory = {
    name: segmentBytes === undefined ? 'shared log' : 'shared log, a new segment with every few records',
    make: (clock) => {
      const store = new MemoryStore();
      const folders: string[] = [];
      const bounds = segmentBytes === undefined ? {} : { segmentBytes, tailCacheBytes: 300, ...tinyTables };
      return Promise.resolve({
        open: async () => {
          const folder = await temporaryFolder();
          folders.push(folder);
          const shared = { timers: systemClock };
          const member = await openMember({ folder, clock, bounds, log: store.open(), shared });
          await untilOwner(member);
          return engineOf(member);
        },
        dispose: async () => {
          for (const folder of folders) await rm(folder, { recursive: true });
        },
      });
    },
  };
  describeEngine(factory);
  describeCommits(factory);
  describeTables(factory);
}
