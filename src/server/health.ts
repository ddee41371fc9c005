import { statfs } from 'node:fs/promises';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { FolderLostError } from '../data-folder/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Role } from '../engine/shared/member-options.ts';
import type { HttpResponse } from '../http/message.ts';
import type { Difference } from './equal-settings.ts';
import { serverLimits } from './limits.ts';
import type { Durability } from './shared-log.ts';
import type { SnapshotHealth } from './snapshots.ts';
import type { HealthReport } from '../protocol/own-routes.ts';
import type { GuardedClock } from '../support/guarded-clock.ts';
import { version } from '../support/version.ts';

export interface HealthDependencies {
  readonly engine: Pick<Engine, 'findFailure'>;
  readonly clock: Pick<GuardedClock, 'held'>;
  readonly data: Pick<DataFolder, 'path' | 'fence'>;
  /** Undefined for a server of its own. */
  readonly cluster?: { health(): Promise<ClusterHealth> } | undefined;
  readonly services: readonly { readonly warnings?: () => readonly string[] }[];
}

/** `stale` and `refused` were left to the owner: this machine could not be sure, or had an error in place of an answer. */
export interface StandbyReadCounts {
  readonly answered: number;
  readonly stale: number;
  readonly refused: number;
}

/** What `/health` and `nagare cluster status` tell. */
export interface ClusterHealth {
  readonly role: Role;
  readonly term: number;
  /** Frames of the shared log that this machine has not applied. */
  readonly lag: number | 'unknown';
  /** Where the owner is, as far as it is known. */
  readonly owner: string | null;
  /** Whether this machine's services run. */
  readonly serving: boolean;
  /** Requests that wait for an owner. */
  readonly waiting: number;
  /** What an acknowledged change survives. */
  readonly durability: Durability;
  /** How often this machine has become the owner since its start. */
  readonly takeovers: number;
  /** Requests that this machine has sent on to the owner, and those that clients had to repeat. */
  readonly forwarded: number;
  readonly forwardFailures: number;
  /** Settings of this machine that are not those of the owner. */
  readonly differences: readonly Difference[];
  /** Reads that this machine has answered as a standby; null if it leaves them all to the owner. */
  readonly standbyReads: StandbyReadCounts | null;
  /** Null without a place for them. */
  readonly snapshots: SnapshotHealth | null;
}

/** The response of `GET /health`. */
export interface ServerHealth extends HealthReport {
  readonly version: string;
  /** Why requests fail; any problem makes the status `degraded`. */
  readonly problems: readonly { readonly code: ProblemCode; readonly message: string }[];
  /** Parts that do not work, or need a decision, while requests are answered. */
  readonly warnings: readonly string[];
  readonly cluster?: ClusterHealth;
}

type ProblemCode =
  | 'STARTING'
  | 'DISK_FULL'
  | 'DISK_FAILING'
  | 'DATA_FOLDER_LOST'
  | 'NO_OWNER'
  | 'SETTINGS_DIFFER';
type Problem = ServerHealth['problems'][number];

export async function healthOf(parts: HealthDependencies): Promise<ServerHealth> {
  const { engine, clock, data, services } = parts;
  const cluster = await parts.cluster?.health();
  const found = [
    folderProblem(data),
    await engineProblem(engine),
    await roomProblem(data.path),
    ownerProblem(cluster),
    settingsProblem(cluster),
  ];
  const problems = found.filter((problem) => problem !== undefined);
  // The engine's report of a full disk says more than the free space.
  const distinct = problems.filter(
    ({ code }, at) => problems.findIndex((other) => other.code === code) === at,
  );
  const warnings = services.flatMap((service) => service.warnings?.() ?? []);
  warnings.push(...differencesOf(cluster, 'warning'));
  const failed = cluster?.snapshots?.problems ?? [];
  warnings.push(...failed.map((problem) => `snapshots of the shared log: ${problem}`));
  const { held } = clock;
  if (held !== undefined) {
    const [jump, rest] = [held.byMs, held.acceptedInMs].map((ms) => Math.round(ms / 1000));
    warnings.push(`the clock of the machine has jumped by ${jump} s; the jump will be accepted in ${rest} s`);
  }
  return {
    status: distinct.length === 0 ? 'ok' : 'degraded',
    version: version(),
    problems: distinct,
    warnings,
    ...(cluster && { cluster }),
  };
}

function ownerProblem(cluster: ClusterHealth | undefined): Problem | undefined {
  if (cluster === undefined || cluster.serving || (cluster.role === 'standby' && cluster.owner !== null)) {
    return undefined;
  }
  return { code: 'NO_OWNER', message: 'no machine serves the shared log at present; requests wait' };
}

/** Requests are forwarded as before; after a takeover they would fail, or be answered wrongly. */
function settingsProblem(cluster: ClusterHealth | undefined): Problem | undefined {
  const found = differencesOf(cluster, 'problem');
  if (found.length === 0) return undefined;
  const message = `if this machine took over, requests would fail or be answered wrongly: ${found.join('; ')}`;
  return { code: 'SETTINGS_DIFFER', message };
}

function differencesOf(cluster: ClusterHealth | undefined, asked: Difference['severity']): string[] {
  return (cluster?.differences ?? []).flatMap(({ severity, message }) =>
    severity === asked ? [message] : [],
  );
}

/** The response before all services are open. */
export function notReady(): HttpResponse {
  const message = 'the server is starting: it reads its data';
  const report: ServerHealth = {
    status: 'degraded',
    version: version(),
    problems: [{ code: 'STARTING', message }],
    warnings: [],
  };
  return { status: 503, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(report) };
}

function folderProblem({ fence }: HealthDependencies['data']): Problem | undefined {
  try {
    fence.check();
    return undefined;
  } catch (error) {
    if (!(error instanceof FolderLostError)) throw error;
    return { code: 'DATA_FOLDER_LOST', message: 'another process has taken over the data folder' };
  }
}

async function engineProblem(engine: HealthDependencies['engine']): Promise<Problem | undefined> {
  const failure = await engine.findFailure();
  if (failure === undefined) return undefined;
  return { code: failure.kind === 'no space' ? 'DISK_FULL' : 'DISK_FAILING', message: failure.message };
}

/** Reports a full disk before the first write fails. */
async function roomProblem(folder: string): Promise<Problem | undefined> {
  const { bavail, bfree, bsize } = await statfs(folder);
  // Only root may use the space that the file system reserves for root.
  const freeBytes = (process.getuid?.() === 0 ? bfree : bavail) * bsize;
  if (freeBytes >= serverLimits.healthyFreeBytesMin) return undefined;
  return { code: 'DISK_FULL', message: `only ${freeBytes} bytes are free on the disk of the data folder` };
}
