import { removeFolder } from '../support/temporary-folder.ts';
import { cp, lstat, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { runCommand } from '../support/command.ts';
import { checkStore } from './load/check-store.ts';
import { Clients } from './load/clients.ts';
import { Known, type Problem } from './load/known.ts';
import { MixedLoad } from './load/mixed-load.ts';
import { smallLimits } from './shimmed-server.ts';

/** Files of all kinds are there then. */
const ACKNOWLEDGED_LEAST = 200;

/** A data folder with files of every kind, as a killed server leaves it, and what is in it. */
export interface FullFolder {
  readonly dataDir: string;
  readonly known: Known;
  /** Paths within it. */
  readonly files: readonly string[];
}

export async function fillFolder(random: () => number, seconds: number): Promise<FullFolder> {
  const dataDir = join(await temporaryFolder(), 'data');
  const server = await spawnServer({
    args: ['--data-dir', dataDir],
    env: { NODE_OPTIONS: `--import ${smallLimits}` },
  });
  const known = new Known(() => 0);
  const load = new MixedLoad(known, random);
  {
    using clients = new Clients(server.endpoint);
    await load.prepare(clients);
    await load.runFor(clients, 1000 * seconds, () => known.acknowledged >= ACKNOWLEDGED_LEAST);
    // So that its function has run.
    await checkStore(clients, known, 0);
  }
  await server.close();
  if (load.errors.size > 0) throw new Error([...load.errors.keys()].join('\n'));
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1));
  return { dataDir, known, files: files.toSorted() };
}

export type Damage = { readonly file: string } & (
  | { readonly kind: 'flip'; readonly offset: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly length: number }
  | { readonly kind: 'remove' }
);

/** A damage for each kind of file, then of any; most are flips. */
export async function pickDamages(
  { dataDir, files }: FullFolder,
  count: number,
  random: () => number,
): Promise<Damage[]> {
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
  const kinds = Map.groupBy(files, kindOf);
  const wanted: string[] = [];
  while (wanted.length < count) {
    for (const ofKind of kinds.values()) wanted.push(pick(ofKind) ?? '');
  }
  const damages: Damage[] = [];
  for (const file of wanted.slice(0, count)) {
    const { size } = await stat(join(dataDir, file));
    const roll = random();
    if (size === 0 || roll < 0.1) {
      damages.push({ kind: 'remove', file });
    } else if (roll < 0.2) {
      damages.push({ kind: 'cut', file, length: Math.floor(random() * size) });
    } else {
      const near = Math.floor(random() * Math.min(size, 64));
      const offset = pick([near, size - 1 - near, Math.floor(random() * size), Math.floor(random() * size)]);
      damages.push({ kind: 'flip', file, offset: offset ?? 0, bit: Math.floor(random() * 8) });
    }
  }
  return damages;
}

/** Files of one kind differ in numbers and hashes only. */
function kindOf(file: string): string {
  return file
    .replaceAll(/[0-9a-f]{64}/g, 'HASH')
    .replaceAll(/[0-9a-f-]*\d[0-9a-f-]*/g, 'N')
    .replace(/(objects\/bucket|meta\/bucket)\/.*/, '$1/OBJECT')
    .replace(/uploads\/.*(?=\/)/, 'uploads/ID');
}

export function describeDamage(damage: Damage): string {
  if (damage.kind === 'flip') return `${damage.file}: bit ${damage.bit} of byte ${damage.offset} flipped`;
  if (damage.kind === 'cut') return `${damage.file}: cut to ${damage.length} bytes`;
  return `${damage.file}: removed`;
}

async function inflict(dataDir: string, damage: Damage): Promise<void> {
  const path = join(dataDir, damage.file);
  if (damage.kind === 'remove') return await rm(path);
  if (damage.kind === 'cut') return await truncate(path, damage.length);
  const bytes = await readFile(path);
  bytes[damage.offset] = (bytes[damage.offset] ?? 0) ^ (1 << damage.bit);
  await writeFile(path, bytes);
}

export interface Outcome {
  /** How the damage was dealt with; undefined when it was not as it should be. */
  readonly verdict: 'refused' | 'named' | 'harmless' | undefined;
  readonly details: string;
}

/** The socket of a server that is gone cannot be copied. */
async function isNoSocket(path: string): Promise<boolean> {
  return !(await lstat(path)).isSocket();
}

/** Starts a server on a damaged copy and reads everything. */
export async function tryDamage({ dataDir, known }: FullFolder, damage: Damage): Promise<Outcome> {
  const folder = await temporaryFolder();
  const copy = join(folder, 'data');
  await cp(dataDir, copy, { recursive: true, verbatimSymlinks: true, filter: isNoSocket });
  await inflict(copy, damage);
  try {
    const args = ['--data-dir', copy, '--log-level', 'warn'];
    const started = await spawnServer({ args }).catch((error: unknown) => String(error));
    if (typeof started === 'string') return refusal(started, damage);
    let problems: Problem[];
    try {
      using clients = new Clients(started.endpoint);
      problems = await checkStore(clients, known, 0);
    } finally {
      await started.stop('SIGTERM');
    }
    const said = started.errorOutput;
    await started.close();
    const verified = await runCommand(['verify', '--data-dir', copy]);
    return judge(problems, said, verified, damage);
  } finally {
    await removeFolder(folder);
  }
}

/** One line that names what is damaged. */
function refusal(said: string, damage: Damage): Outcome {
  const isNamed = said.includes(basename(damage.file)) || said.includes(dirname(damage.file));
  const isStack = /\n\s+at /.test(said);
  return { verdict: isNamed && !isStack ? 'refused' : undefined, details: `does not start: ${said}` };
}

/** By which people know it: the file, or the object whose content it is. */
function namesOf(file: string): string[] {
  const [, key] = /^objects\/[^/.]+\/(.*)%$/.exec(file) ?? [];
  return key === undefined ? [basename(file)] : [file, `"${key}"`];
}

function judge(
  problems: readonly Problem[],
  said: string,
  verified: { readonly code: number; readonly output: string; readonly errors: string },
  damage: Damage,
): Outcome {
  const found = problems.map(({ kind, text }) => `${kind}: ${text}`).join('\n');
  const verify = `verify (${verified.code}): ${verified.output}${verified.errors}`;
  const details = [found, said, verify].filter((text) => text !== '').join('\n');
  if (problems.length === 0) return { verdict: 'harmless', details };
  // Nothing wrong is served; what is gone or refused is told of, by the server or by nagare verify.
  const isWrong = problems.some(({ kind }) => kind === 'wrong');
  const names = namesOf(damage.file);
  const isNamedIn = (text: string): boolean => names.some((name) => text.includes(name));
  const isTold = isNamedIn(said) || (verified.code !== 0 && isNamedIn(verify));
  return { verdict: isWrong || !isTold ? undefined : 'named', details };
}
