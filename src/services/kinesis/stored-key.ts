import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../../engine/catalog.ts';
import { findMasterKeyProblem } from '../../engine/key-store.ts';
import type { Finding, VerifyReport } from '../../support/findings.ts';
import type { StoredFiles } from '../registration.ts';

/** The master key in the data folder. It cannot be recovered, and no start succeeds without it. */
export const storedKey: StoredFiles = {
  async areThere(dataDir) {
    return (await stat(join(dataDir, 'keys')).catch(() => undefined)) !== undefined;
  },

  async verify({ dataDir, engine }) {
    return await verifyKey(engine.catalog, dataDir);
  },

  async repair({ dataDir, engine }) {
    const { findings } = await verifyKey(engine.catalog, dataDir);
    const unrepaired = findings.map(() => 'the master key cannot be recovered: restore it from a backup');
    return { findings, lost: [], lostCounts: [], kept: [], unrepaired };
  },
};

export async function verifyKey(catalog: Catalog, dataDir: string): Promise<VerifyReport> {
  const problem = await findMasterKeyProblem(catalog, join(dataDir, 'keys'));
  if (problem === undefined) return { checked: [], findings: [] };
  const finding: Finding = { problem, subject: 'master key', file: 'keys/master.key' };
  return { checked: [], findings: [finding] };
}
