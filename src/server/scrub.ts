import { resolve } from 'node:path';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { serverLimits } from './limits.ts';
import type { RunningService, ScrubOptions } from '../services/registration.ts';
import type { Clock } from '../support/clock.ts';
import { formatFinding, joinVerifyReports, type VerifyReport } from '../support/findings.ts';
import type { Log } from '../support/log.ts';
import { answerCommand, isCommand } from './command.ts';

export const SCRUB_PATH = '/_nagare/scrub';

export interface ScrubRequest {
  /** The intended data folder, so that no other server's is read by mistake. */
  readonly dataDir: string;
  readonly bytesPerSecond: number;
}

/** The body of the response, after blanks that are sent while files are read to keep the connection open. */
export type ScrubAnswer = { readonly report: VerifyReport } | { readonly message: string };

type Scrub = NonNullable<RunningService['scrub']>;

interface ScrubRouteDependencies {
  readonly dataDir: string;
  readonly scrubs: readonly Scrub[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers `POST /_nagare/scrub`, one at a time; undefined for other requests. */
export function scrubRoute(
  dependencies: ScrubRouteDependencies,
): (request: HttpRequest) => Promise<HttpResponse | undefined> {
  const { dataDir } = dependencies;
  let running: Promise<unknown> | undefined;
  return async (request) => {
    if (request.path !== SCRUB_PATH) return undefined;
    if (!isCommand(request, 'scrub')) return answerCommand(403, { message: 'not a command of nagare' });
    const body = await request.body(serverLimits.commandBytesMax);
    // Sent by nagare's own command of the same version.
    const { dataDir: meant, bytesPerSecond } = body.json() as ScrubRequest;
    if (resolve(meant) !== resolve(dataDir)) {
      return answerCommand(409, { message: `this server's data folder is ${dataDir}` });
    }
    if (running !== undefined) return answerCommand(409, { message: 'another scrub is already running' });
    const left = new AbortController();
    const signal = AbortSignal.any([request.signal, left.signal]);
    const answer = scrubAll(dependencies, { bytesPerSecond, signal });
    running = answer.finally(() => (running = undefined));
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      endless: true,
      body: answerWhenDone(answer, dependencies.clock, left),
    };
  };
}

/** Never rejects. */
async function scrubAll(
  { scrubs, log }: ScrubRouteDependencies,
  options: ScrubOptions,
): Promise<ScrubAnswer> {
  try {
    const reports: VerifyReport[] = [];
    for (const scrub of scrubs) reports.push(await scrub(options));
    const report = joinVerifyReports(reports);
    for (const finding of report.findings) {
      log.error({ finding: formatFinding(finding) }, 'a scrub found damage');
    }
    return { report };
  } catch (error) {
    if (!options.signal.aborted) log.error({ err: error }, 'a scrub failed');
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

async function* answerWhenDone(
  answer: Promise<ScrubAnswer>,
  clock: Clock,
  left: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done: ScrubAnswer | undefined;
  try {
    while (done === undefined) {
      yield Buffer.from(' ');
      const pause = Promise.withResolvers<undefined>();
      const cancel = clock.schedule(serverLimits.scrubProgressMs, () => pause.resolve(undefined));
      done = await Promise.race([answer, pause.promise]);
      cancel();
    }
    yield Buffer.from(JSON.stringify(done));
  } finally {
    left.abort();
  }
}
