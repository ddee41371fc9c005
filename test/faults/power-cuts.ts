import { removeFolder } from '../support/temporary-folder.ts';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { spawnServer, temporaryFolder } from '../support/server.ts';
import { seededRandom } from '../support/random.ts';
import { runCommand } from '../support/command.ts';
import { readDiskLog } from './disk-log.ts';
import { DiskModel, type NameOrder } from './disk-model.ts';
import { checkStore } from './load/check-store.ts';
import { Clients } from './load/clients.ts';
import { Known } from './load/known.ts';
import { MixedLoad } from './load/mixed-load.ts';
import { startShimmedServer, type DiskFaults } from './shimmed-server.ts';

/** In a campaign, however slow the machine is. */
export const ACKNOWLEDGED_LEAST = 200;

export interface CampaignOptions {
  readonly seed: number;
  /** How often the power is cut. */
  readonly cuts: number;
  readonly loadSeconds: number;
  /** How often the server is killed and started again under the load. */
  readonly kills: number;
  readonly faults?: DiskFaults;
  readonly skippedSyncs?: string;
}

export interface CampaignReport {
  readonly acknowledged: number;
  readonly changes: number;
  /** Calls that failed under the load, by their errors. */
  readonly errors: ReadonlyMap<string, number>;
  readonly cuts: number;
  /** What power cuts have undone that was acknowledged, made of what was not, or left unusable. */
  readonly problems: readonly string[];
  /** What the record of the disk does not have as the disk has it: the harness' own fault. */
  readonly unrecorded: readonly string[];
}

/**
 * Puts a server under a load of everything that it stores, rebuilds from the record of its system calls what power
 * cuts at random moments may leave on the disk, starts a server on each, and compares what it has with what the
 * clients had been told by then.
 */
export async function cutPower(options: CampaignOptions): Promise<CampaignReport> {
  const random = seededRandom(options.seed);
  const server = await startShimmedServer(options);
  try {
    const known = new Known(() => server.position());
    const load = new MixedLoad(known, random);
    for (let life = 0; life <= options.kills; life++) {
      if (life > 0) {
        await server.process.kill();
        await server.setFaults({});
        await server.process.start();
      }
      using clients = new Clients(server.process.endpoint);
      await load.prepare(clients);
      await server.setFaults(options.faults ?? {});
      const loadMs = (1000 * options.loadSeconds) / (options.kills + 1);
      const least = (ACKNOWLEDGED_LEAST * (life + 1)) / (options.kills + 1);
      const isFaulty = (): boolean => options.faults === undefined || load.errors.size > 0;
      await load.runFor(clients, loadMs, () => known.acknowledged >= least && isFaulty());
    }
    await server.process.kill();
    const log = await server.readLog();
    const unrecorded = options.faults?.failingSyncs ? [] : await differences(log, server.disk);
    const problems = await checkCuts(log, known, options, random);
    const { acknowledged } = known;
    const changes = [...readDiskLog(log)].length;
    return { acknowledged, changes, errors: load.errors, cuts: options.cuts, problems, unrecorded };
  } finally {
    await server.close();
  }
}

/** Compiled code, which a process of its own writes, without the shim; the server makes it anew in each life. */
const COMPILED = /^data\/functions\/compiled/;

/** What the model of the disk has otherwise than the disk itself. */
async function differences(log: Buffer, disk: string): Promise<string[]> {
  const model = new DiskModel(Math.random);
  for (const { change } of readDiskLog(log)) model.apply(change);
  const modelled = model.present();
  const found: string[] = [];
  const entries = await readdir(disk, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(disk.length + 1);
    const content = modelled.get(path);
    modelled.delete(path);
    if (COMPILED.test(path)) continue;
    if (content === undefined) found.push(`${path} was not recorded`);
    else if (!content.equals(await readFile(join(disk, path)))) found.push(`${path} was recorded otherwise`);
  }
  const absent = [...modelled.keys()].filter((path) => !COMPILED.test(path));
  return [...found, ...absent.map((path) => `${path} is not on the disk`)];
}

async function checkCuts(
  log: Buffer,
  known: Known,
  options: CampaignOptions,
  random: () => number,
): Promise<string[]> {
  const folder = await temporaryFolder();
  const logged = [...readDiskLog(log)];
  const places = Array.from({ length: options.cuts }, () => Math.floor(random() * logged.length));
  const cuts = new Set(places);
  const model = new DiskModel(random);
  const problems: string[] = [];
  for (const [place, { change, end: moment }] of logged.entries()) {
    model.apply(change);
    if (!cuts.has(place)) continue;
    const names: NameOrder = random() < 0.5 ? 'journal' : 'loose';
    const image = join(folder, `cut-${place}`);
    await mkdir(image);
    await model.writeSurvivor(image, names, random);
    const kept = await keep(image);
    const found = await checkImage(image, known, moment);
    problems.push(...found.map((problem) => `cut ${place} of ${logged.length}, names ${names}: ${problem}`));
    if (found.length === 0 && kept !== undefined) await removeFolder(kept);
    await removeFolder(image);
  }
  return problems;
}

/** Where images that fail are kept, as the power cut has left them: below the folder KEEP_FAILED, if it is given. */
async function keep(image: string): Promise<string | undefined> {
  const folder = process.env['KEEP_FAILED'];
  if (folder === undefined) return undefined;
  const kept = join(folder, basename(image));
  await cp(image, kept, { recursive: true, verbatimSymlinks: true });
  return kept;
}

/** Starts a server on what a power cut has left, and reads everything. */
async function checkImage(image: string, known: Known, moment: number): Promise<string[]> {
  const dataDir = join(image, 'data');
  const args = ['--data-dir', dataDir, '--log-level', 'error'];
  const started = await spawnServer({ args }).catch((error: unknown) => String(error));
  if (typeof started === 'string') return [`the server does not start: ${started}`];
  try {
    using clients = new Clients(started.endpoint);
    const found = await checkStore(clients, known, moment);
    const problems = found.map(({ kind, text }) => `${kind}: ${text}`);
    if (started.errorOutput !== '') problems.push(`the server says ${started.errorOutput}`);
    const code = await started.stop('SIGTERM');
    if (code !== 0) problems.push(`the server ended with ${code}`);
    const verified = await runCommand(['verify', '--data-dir', dataDir]);
    if (verified.code !== 0) problems.push(`nagare verify: ${verified.output}${verified.errors}`);
    return problems;
  } finally {
    await started.close();
  }
}
