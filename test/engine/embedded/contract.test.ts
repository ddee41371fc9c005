import { rm } from 'node:fs/promises';

import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { silentLog } from '../../../src/support/log.ts';
import { describeCommits } from '../commit-contract.ts';
import { describeEngine, type EngineFactory } from '../contract.ts';
import { describeTables } from '../tables-contract.ts';
import { tinyTables } from './store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

for (const segmentBytes of [undefined, 200]) {
  const factory: EngineFactory = {
    name: segmentBytes === undefined ? 'embedded' : 'embedded, a new segment with every few records',
    make: async (clock) => {
      const folder = await temporaryFolder();
      const bounds = segmentBytes === undefined ? {} : { segmentBytes, tailCacheBytes: 300, ...tinyTables };
      return {
        open: () => openEmbeddedEngine({ folder, clock, log: silentLog, bounds }),
        dispose: () => rm(folder, { recursive: true }),
      };
    },
  };
  describeEngine(factory);
  describeCommits(factory);
  describeTables(factory);
}
