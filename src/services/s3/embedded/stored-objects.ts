import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredFiles, StoppedData } from '../../registration.ts';
import { checkObjects } from './check.ts';
import { openEmbeddedObjects } from './open.ts';
import { formatFinding, repairObjects, type ObjectsFolderOptions } from './repair.ts';

const folderOf = (dataDir: string): string => join(dataDir, 'objects');

const optionsOf = ({ dataDir, engine, clock, log }: StoppedData): ObjectsFolderOptions => ({
  engine,
  folder: folderOf(dataDir),
  clock,
  log,
});

/** Verifies and repairs objects while no server runs. Like a start, it first completes what a crash interrupted. */
export const storedObjects: StoredFiles = {
  async areThere(dataDir) {
    const own = join(folderOf(dataDir), '.nagare');
    if ((await stat(own).catch(() => undefined)) === undefined) return false;
    const format = await readFile(join(own, 'format.json'), 'utf8').catch(() => '');
    return !format.startsWith('{"version":1,');
  },

  async verify(data, { writesChecksums, ...pace }) {
    const options = optionsOf(data);
    const finding = await formatFinding(options);
    if (finding !== undefined) return { checked: [], findings: [finding] };
    const embedded = await openEmbeddedObjects(options);
    try {
      return (await checkObjects(embedded, { writesSums: writesChecksums, ...pace })).report;
    } finally {
      await embedded.close();
    }
  },

  async repair(data, options) {
    return await repairObjects(optionsOf(data), options);
  },
};
