import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../engine/engine.ts';
import type { ScrubOptions, StoppedData, StoredFiles } from '../../registration.ts';
import type { Finding, VerifyReport } from '../../../support/findings.ts';
import { pacer, type Pace } from '../../../support/pace.ts';
import type { FunctionRow } from '../function-definition.ts';
import { CodeStore } from './code-store.ts';

const CODE_FOLDER = join('functions', 'code');

interface Damaged {
  readonly name: string;
  readonly sha256: string;
  readonly finding: Finding;
}

/** Verifies and repairs the code of functions while no server runs. Code with an intact zip can be unpacked again. */
export const storedCode: StoredFiles = {
  async areThere(dataDir) {
    return (await stat(join(dataDir, CODE_FOLDER)).catch(() => undefined)) !== undefined;
  },

  async verify(data, { bytesPerSecond }) {
    return reportOf(await check(await storeOf(data), data.engine, pacer(bytesPerSecond)));
  },

  async repair(data, { dryRun }) {
    const code = await storeOf(data);
    const { damaged } = await check(code, data.engine);
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

/** Checks the code of all functions. Functions may be executed and changed meanwhile. */
export async function scrubCode(
  code: CodeStore,
  engine: Engine,
  { bytesPerSecond, signal }: ScrubOptions,
): Promise<VerifyReport> {
  return reportOf(await check(code, engine, pacer(bytesPerSecond, signal)));
}

interface CodeCheck {
  readonly count: number;
  readonly damaged: readonly Damaged[];
}

function reportOf({ count, damaged }: CodeCheck): VerifyReport {
  const findings = damaged.map(({ finding }) => finding);
  return { checked: count === 0 ? [] : [['function', count]], findings };
}

async function check(code: CodeStore, engine: Engine, pace: Pace = pacer()): Promise<CodeCheck> {
  const functions = engine.catalog.table<FunctionRow>('lambda.functions');
  const rows = [...functions.entries()];
  const damaged: Damaged[] = [];
  let count = 0;
  for (const [name, row] of rows) {
    count++;
    const { sha256, sizeBytes } = row.code;
    const damage = await code.damageOf(name, sha256);
    // The zip, and at least as much again for its unpacked files.
    await pace(2 * sizeBytes);
    if (damage === undefined) continue;
    // The function may have been changed or deleted meanwhile.
    if (functions.get(name)?.code.sha256 !== sha256) continue;
    const version = Buffer.from(sha256, 'base64').toString('hex');
    const file = `functions/code/${name}/${version}/${damage.file}`;
    damaged.push({ name, sha256, finding: { problem: damage.problem, subject: `function ${name}`, file } });
  }
  return { count, damaged };
}
