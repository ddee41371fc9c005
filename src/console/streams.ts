import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import type { Rates, RateSampler } from './rates.ts';
import type { Views } from './views.ts';

export interface StreamRow extends Rates {
  readonly name: string;
  readonly status: string;
  readonly mode: string;
  readonly openShards: number;
  readonly retentionMs: number;
  readonly createdMs: number;
  readonly lastArrivalMs: number;
  readonly history: readonly number[];
}

export interface StreamsPage {
  readonly total: number;
  readonly matching: number;
  readonly rows: readonly StreamRow[];
}

export interface StreamsQuery {
  readonly filter: string;
  readonly offset: number;
  readonly limit: number;
}

/** A page of the streams that the caller may list. Only its rows are looked up, however many streams there are. */
export async function streamsPage(
  views: Views,
  rates: RateSampler,
  caller: Caller,
  { filter, offset, limit }: StreamsQuery,
): Promise<StreamsPage> {
  if (!(await caller.may('kinesis:ListStreams', '*'))) return { total: 0, matching: 0, rows: [] };
  const names = [...views.inspector.names()];
  const wanted = filter.trim().toLowerCase();
  const matching = (
    wanted === '' ? names : names.filter((name) => name.toLowerCase().includes(wanted))
  ).sort();
  const rows = matching
    .slice(offset, offset + Math.min(limit, consoleLimits.listRowsMax))
    .flatMap((name) => rowOf(views, rates, name) ?? []);
  return { total: names.length, matching: matching.length, rows };
}

function rowOf(views: Views, rates: RateSampler, name: string): StreamRow | undefined {
  const stream = views.inspector.stream(name);
  if (stream === undefined) return undefined;
  const { status, mode, retentionMs, createdMs, openShards, shards } = stream;
  return {
    name,
    status,
    mode,
    retentionMs,
    createdMs,
    openShards,
    lastArrivalMs: shards.reduce((latest, shard) => Math.max(latest, shard.lastArrivalMs), 0),
    history: rates.historyOf(name),
    ...rates.of(name),
  };
}
