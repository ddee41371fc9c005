import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoppedData, StoredFiles } from '../../registration.ts';
import type { Finding } from '../../../support/findings.ts';
import type { FunctionRow } from '../function-definition.ts';
import { CodeStore } from './code-store.ts';

const CODE_FOLDER = join('functions', 'code');

interface Damaged {
  readonly name: string;
  readonly sha256: string;
  readonly finding: Finding;
}

/** The code of functions while no server runs. What an intact zip has can be unpacked again. */
export const storedCode: StoredFiles = {
  async areThere(dataDir) {
    return (await stat(join(dataDir, CODE_FOLDER)).catch(() => undefined)) !== undefined;
  },

  async verify(data) {
    const { count, damaged } = await check(await storeOf(data), data);
    const findings = damaged.map(({ finding }) => finding);
    return { checked: count === 0 ? [] : [['function', count]], findings };
  },

  async repair(data, { dryRun }) {
    const code = await storeOf(data);
    const { damaged } = await check(code, data);
    const unrepaired: string[] = [];
    for (const { name, sha256, finding } of damaged) {
      const isRepairable = !finding.file.endsWith('code.zip');
      if (!isRepairable) unrepaired.push(`${finding.subject ?? name}: its zip is damaged; upload it again`);
      else if (!dryRun) await code.check(name, sha256);
    }
    return {
      findings: damaged.map(({ finding }) => finding),
      lost: [],
      lostCounts: [],
      kept: [],
      unrepaired,
    };
  },
};

async function storeOf({ dataDir, log }: StoppedData): Promise<CodeStore> {
  return await CodeStore.open(join(dataDir, CODE_FOLDER), log);
}

async function check(
  code: CodeStore,
  { engine }: StoppedData,
): Promise<{ readonly count: number; readonly damaged: readonly Damaged[] }> {
  const damaged: Damaged[] = [];
  let count = 0;
  for (const [name, row] of engine.catalog.table<FunctionRow>('lambda.functions').entries()) {
    count++;
    const { sha256 } = row.code;
    const damage = await code.damageOf(name, sha256);
    if (damage === undefined) continue;
    const version = Buffer.from(sha256, 'base64').toString('hex');
    const file = `functions/code/${name}/${version}/${damage.file}`;
    damaged.push({ name, sha256, finding: { problem: damage.problem, subject: `function ${name}`, file } });
  }
  return { count, damaged };
}
