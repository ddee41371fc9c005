import { join } from 'node:path';
import { DamageError } from '../engine/embedded/errors.ts';
import { openEmbeddedEngine } from '../engine/embedded/open.ts';
import { registrations } from '../services/index.ts';
import type { StoppedData, StoredFiles } from '../services/registration.ts';
import { systemClock } from '../support/clock.ts';
import { silentLog } from '../support/log.ts';
import type { AnyRegistration } from './open-services.ts';

/**
 * Calls `work` for the files that services keep beside the engine. The caller holds the data folder. Does nothing while
 * the engine, which has their metadata, is damaged: it must be repaired first.
 */
export async function onStoredFiles<Report>(
  dataDir: string,
  work: (files: StoredFiles, data: StoppedData) => Promise<Report>,
): Promise<Report[]> {
  const present: StoredFiles[] = [];
  for (const { storedFiles } of registrations as readonly AnyRegistration[]) {
    if (storedFiles !== undefined && (await storedFiles.areThere(dataDir))) present.push(storedFiles);
  }
  if (present.length === 0) return [];
  const common = { clock: systemClock, log: silentLog };
  let engine;
  try {
    engine = await openEmbeddedEngine({ folder: join(dataDir, 'engine'), ...common });
  } catch (error) {
    if (error instanceof DamageError) return [];
    throw error;
  }
  try {
    const reports: Report[] = [];
    for (const files of present) reports.push(await work(files, { dataDir, engine, ...common }));
    return reports;
  } finally {
    await engine.close();
  }
}
