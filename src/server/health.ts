import { statfs } from 'node:fs/promises';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { FolderLostError } from '../data-folder/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { serverLimits } from './limits.ts';
import type { HealthReport } from '../protocol/dispatch.ts';
import type { GuardedClock } from '../support/guarded-clock.ts';
import { version } from '../support/version.ts';

export interface HealthDependencies {
  readonly engine: Pick<Engine, 'findFailure'>;
  readonly clock: Pick<GuardedClock, 'held'>;
  readonly data: Pick<DataFolder, 'path' | 'fence'>;
  readonly services: readonly { readonly warnings?: () => readonly string[] }[];
}

/** The response of `GET /health`. */
export interface ServerHealth extends HealthReport {
  readonly version: string;
  /** Why requests fail; any problem makes the status `degraded`. */
  readonly problems: readonly { readonly code: ProblemCode; readonly message: string }[];
  /** Parts that do not work, or need a decision, while requests are answered. */
  readonly warnings: readonly string[];
}

type ProblemCode = 'DISK_FULL' | 'DISK_FAILING' | 'DATA_FOLDER_LOST';
type Problem = ServerHealth['problems'][number];

export async function healthOf({ engine, clock, data, services }: HealthDependencies): Promise<ServerHealth> {
  const found = [folderProblem(data), await engineProblem(engine), await roomProblem(data.path)];
  const problems = found.filter((problem) => problem !== undefined);
  // The engine's report of a full disk says more than the free space.
  const distinct = problems.filter(
    ({ code }, at) => problems.findIndex((other) => other.code === code) === at,
  );
  const warnings = services.flatMap((service) => service.warnings?.() ?? []);
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
  };
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
