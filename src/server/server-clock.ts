import { open, readFile, rename } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { bootIdOfKernel } from '../data-folder/owner-mark.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { systemClock } from '../support/clock.ts';
import { hasErrorCode } from '../support/errno.ts';
import {
  GuardedClock,
  type ClockEvent,
  type ClockState,
  type TimeSources,
} from '../support/guarded-clock.ts';
import type { Log } from '../support/log.ts';
import { PRIVATE_FILE_MODE } from '../support/make-folder.ts';
import { syncFolder } from '../support/sync.ts';
import { answerCommand, isCommand } from './command.ts';

/**
 * Below the data folder: what the next start needs to detect a clock jump. JSON, `StoredFile`: with a wrong number the
 * server's time could be years ahead, and everything would expire.
 */
const STATE_FILE = 'clock.json';
export const CLOCK_PATH = '/_nagare/clock';

interface StoredState extends ClockState {
  /** Uptimes of different boots cannot be compared. */
  readonly bootId?: string;
}

interface StoredFile {
  readonly state: StoredState;
  /** CRC-32 of the state as JSON. */
  readonly sum: number;
}

export interface ServerClock {
  readonly clock: GuardedClock;
  /** Answers `POST /_nagare/clock`; undefined for other requests. */
  readonly route: (request: HttpRequest) => Promise<HttpResponse | undefined>;
  close(): Promise<void>;
}

const systemSources: TimeSources = {
  wall: () => systemClock.now(),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
  schedule: (delayMs, callback) => systemClock.schedule(delayMs, callback),
};

/** The server's clock, which does not follow jumps of the machine's clock, including jumps while no server ran. */
export async function openServerClock(data: DataFolder, log: Log): Promise<ServerClock> {
  const bootId = await bootIdOfKernel();
  const before = await readState(data.path, log);
  let writing = Promise.resolve();
  const clock = new GuardedClock({
    sources: systemSources,
    ...(before === undefined
      ? {}
      : { before: { state: before, sameBoot: bootId !== undefined && before.bootId === bootId } }),
    onChange(state, event) {
      report(log, event);
      const stored: StoredState = bootId === undefined ? state : { ...state, bootId };
      writing = writing
        .then(() => writeState(data, stored))
        .catch((error: unknown) => {
          // The clock keeps working; only the next start may miss a jump.
          log.warn({ err: error }, 'could not store the state of the clock');
        });
    },
  });
  return {
    clock,
    async route(request) {
      const response = acceptJump(clock, request);
      // Store it before answering, so that a restart right afterwards knows of it.
      if (response !== undefined) await writing;
      return response;
    },
    async close() {
      clock.close();
      await writing;
    },
  };
}

function report(log: Log, event: ClockEvent): void {
  switch (event.kind) {
    case 'adjusted':
      return;
    case 'jumped':
      return log.warn(
        { jumpSeconds: seconds(event.byMs), acceptedInSeconds: seconds(event.acceptedInMs) },
        'the clock of this machine has jumped; the server keeps its own time until you run `nagare clock accept`, or until it accepts the jump',
      );
    case 'returned':
      return log.info('the clock of this machine is back to its previous time');
    case 'accepted':
      return log.warn({ jumpSeconds: seconds(event.byMs) }, 'accepted the jump of the clock');
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function acceptJump(clock: GuardedClock, request: HttpRequest): HttpResponse | undefined {
  if (request.path !== CLOCK_PATH) return undefined;
  if (!isCommand(request, 'clock-accept')) return answerCommand(403, { message: 'not a command of nagare' });
  return answerCommand(200, { acceptedSeconds: seconds(clock.accept()) });
}

/** Returns undefined in a new folder, and when the file is damaged: then the machine's clock is trusted. */
async function readState(dataDir: string, log: Log): Promise<StoredState | undefined> {
  const path = join(dataDir, STATE_FILE);
  try {
    // Checked by its sum.
    const { state, sum } = JSON.parse(await readFile(path, 'utf8')) as Partial<StoredFile>;
    if (state !== undefined && sum === sumOf(state)) return state;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  log.warn({ path }, 'the stored state of the clock is damaged; the clock of this machine is trusted');
  return undefined;
}

const sumOf = (state: StoredState): number => crc32(JSON.stringify(state));

async function writeState({ path, fence }: DataFolder, state: StoredState): Promise<void> {
  const target = join(path, STATE_FILE);
  const file = await open(`${target}.tmp`, 'w', PRIVATE_FILE_MODE);
  try {
    const stored: StoredFile = { state, sum: sumOf(state) };
    await file.writeFile(`${JSON.stringify(stored)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  fence.check();
  await rename(`${target}.tmp`, target);
  await syncFolder(path);
}
