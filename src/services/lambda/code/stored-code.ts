import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../engine/engine.ts';
import type { ScrubOptions, StoppedData, StoredFiles } from '../../registration.ts';
import type { Finding, VerifyReport } from '../../../support/findings.ts';
import { pacer, type Pace } from '../../../support/pace.ts';
import type { FunctionRow } from '../function-definition.ts';
import type { LayerVersionRow } from '../layers/layer-row.ts';
import { CodeStore, type StoredCode } from './code-store.ts';

const CODE_FOLDER = join('functions', 'code');

/** The zips of functions with their versions, and those of layers. */
export interface CodeStores {
  readonly code: CodeStore;
  readonly layers: CodeStore;
}

type Kind = keyof CodeStores;

interface CodeInUse extends StoredCode {
  readonly kind: Kind;
  /** Of the function or the layer. */
  readonly name: string;
}

interface Damaged {
  readonly kind: Kind;
  readonly name: string;
  readonly sha256: string;
  readonly finding: Finding;
}

/** Verifies and repairs the code of functions and layers while no server runs. Code with an intact zip can be unpacked again. */
export const storedCode: StoredFiles = {
  async areThere(dataDir) {
    return (await stat(join(dataDir, CODE_FOLDER)).catch(() => undefined)) !== undefined;
  },

  async verify(data, { bytesPerSecond, onRead }) {
    return reportOf(await check(await storesOf(data), data.engine, pacer(bytesPerSecond, { onRead })));
  },

  async repair(data, { dryRun, onRead }) {
    const stores = await storesOf(data);
    const { damaged } = await check(stores, data.engine, pacer(Infinity, { onRead }));
    const unrepaired: string[] = [];
    for (const { kind, name, sha256, finding } of damaged) {
      const isRepairable = !finding.file.endsWith('code.zip');
      if (!isRepairable) unrepaired.push(`${finding.subject ?? name}: its zip is damaged; upload it again`);
      else if (!dryRun) await stores[kind].check(name, sha256);
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

export async function storesOf({ dataDir, log }: StoppedData): Promise<CodeStores> {
  return {
    code: await CodeStore.open(join(dataDir, CODE_FOLDER), log),
    layers: await CodeStore.open(join(dataDir, 'functions', 'layers'), log),
  };
}

/** Checks the code of all functions and layers. Functions may be executed and changed meanwhile. */
export async function scrubCode(
  stores: CodeStores,
  engine: Engine,
  { bytesPerSecond, signal }: ScrubOptions,
): Promise<VerifyReport> {
  return reportOf(await check(stores, engine, pacer(bytesPerSecond, { signal })));
}

interface CodeCheck {
  readonly counts: Readonly<Record<Kind, number>>;
  readonly damaged: readonly Damaged[];
}

function reportOf({ counts, damaged }: CodeCheck): VerifyReport {
  const findings = damaged.map(({ finding }) => finding);
  const checked = [
    ['function', counts.code],
    ['layer', counts.layers],
  ] as const;
  return { checked: checked.filter(([, count]) => count > 0), findings };
}

async function check(stores: CodeStores, engine: Engine, pace: Pace = pacer()): Promise<CodeCheck> {
  const damaged: Damaged[] = [];
  const counts = { code: 0, layers: 0 };
  for (const [key, { kind, name, sha256, sizeBytes }] of codeInUse(engine)) {
    counts[kind]++;
    const damage = await stores[kind].damageOf(name, sha256);
    // The zip, and at least as much again for its unpacked files.
    await pace(2 * sizeBytes);
    if (damage === undefined) continue;
    // The function may have been changed or deleted meanwhile.
    if (!codeInUse(engine).has(key)) continue;
    const version = Buffer.from(sha256, 'base64').toString('hex');
    const file = `functions/${kind}/${name}/${version}/${damage.file}`;
    const subject = `${kind === 'code' ? 'function' : 'layer'} ${name}`;
    damaged.push({ kind, name, sha256, finding: { problem: damage.problem, subject, file } });
  }
  return { counts, damaged };
}

/** The zips of all functions, their versions and layers, each once. */
export function codeInUse({ catalog }: Engine): Map<string, CodeInUse> {
  const used = new Map<string, CodeInUse>();
  const use = (kind: Kind, name: string, { sha256, sizeBytes }: StoredCode): void => {
    used.set(`${kind}:${name}:${sha256}`, { kind, name, sha256, sizeBytes });
  };
  for (const table of ['lambda.functions', 'lambda.versions']) {
    for (const [, { name, code, layers = [] }] of catalog.table<FunctionRow>(table).entries()) {
      use('code', name, code);
      for (const layer of layers) use('layers', layer.layer, layer);
    }
  }
  for (const [, { layer, code }] of catalog.table<LayerVersionRow>('lambda.layerVersions').entries()) {
    use('layers', layer, code);
  }
  return used;
}
