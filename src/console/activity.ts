import type { RecentChange } from '../audit/recent-changes.ts';
import type { SeenRequest } from '../audit/request-feed.ts';
import { sleep } from '../support/clock.ts';
import type { Outlet } from './event-stream.ts';
import { consoleLimits } from './limits.ts';
import type { Views } from './views.ts';

export interface ActivityView {
  /** The newest first. */
  readonly changes: readonly RecentChange[];
  readonly matching: number;
  /** Of those that the server remembers. */
  readonly total: number;
  /** When it began to remember them; those before are from the audit log. */
  readonly sinceMs: number;
}

export interface RequestsView {
  /** The newest last. */
  readonly requests: readonly SeenRequest[];
  /** More than the page can show. */
  readonly skipped: number;
}

/** Sends the last changes, and again as soon as there is another one. */
export async function followChanges(
  { changes, clock }: Views,
  filter: string,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  const left = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await changes.load();
  while (!signal.aborted) {
    const next = changes.next();
    await outlet.send({ ...activityView(changes.list(), filter), sinceMs: changes.beganMs });
    await Promise.race([next, left]);
    // Many changes at once are one message.
    await sleep(clock, consoleLimits.tailFlushMs, signal);
  }
}

function activityView(changes: readonly RecentChange[], filter: string): Omit<ActivityView, 'sinceMs'> {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const matching = words.length === 0 ? changes : changes.filter((change) => hasAll(change, words));
  return {
    changes: matching.slice(0, consoleLimits.listRowsMax),
    matching: matching.length,
    total: changes.length,
  };
}

function hasAll(change: RecentChange, words: readonly string[]): boolean {
  const { operation, resource, who, via, address, parameters, error } = change;
  const text = [operation, resource, who, via, address, parameters, error?.code, error?.message]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Sends requests as they are answered. */
export async function followRequests(
  { requests, clock }: Views,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  let seen: SeenRequest[] = [];
  let skipped = 0;
  const stop = requests.watch((request) => {
    seen.push(request);
    if (seen.length > consoleLimits.requestsMax) skipped += seen.splice(0, 1).length;
  });
  try {
    await outlet.send({ requests: [], skipped: 0 } satisfies RequestsView);
    while (!signal.aborted) {
      await sleep(clock, consoleLimits.requestsFlushMs, signal);
      if (seen.length === 0) continue;
      const view: RequestsView = { requests: seen, skipped };
      seen = [];
      skipped = 0;
      await outlet.send(view);
    }
  } finally {
    stop();
  }
}
