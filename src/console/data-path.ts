import type { HttpRequest } from '../http/message.ts';
import type { Caller } from './caller.ts';
import { deliveriesView } from './deliveries.ts';
import { functionsView } from './functions.ts';
import { duration } from './overview.ts';
import type { Rates } from './rates.ts';
import { readersOf } from './readers.ts';
import type { Views } from './views.ts';

/** A step of the way of records through a stream. The first that is not well is the usual cause. */
export interface PathStep {
  readonly name: 'Puts' | 'Records' | 'Readers' | 'Functions' | 'Deliveries';
  readonly state: 'good' | 'warn' | 'bad' | '';
  readonly value: string;
  readonly says: string;
  readonly link: string;
}

/** A reader that is further behind is worth a look. */
const LATE_MS = 60_000;

export async function dataPath(
  views: Views,
  rates: Rates,
  caller: Caller,
  http: HttpRequest,
  name: string,
): Promise<{ readonly steps: readonly PathStep[] }> {
  const stream = views.inspector.stream(name);
  if (stream === undefined) return { steps: [] };
  const base = `#/streams/${encodeURIComponent(name)}`;
  const oldestMs = await oldestArrival(views, name, stream.shards);
  const usedMs = oldestMs === undefined ? 0 : Math.max(0, views.clock.now() - oldestMs);
  return {
    steps: [
      putStep(rates, base),
      {
        name: 'Records',
        state: '',
        value: oldestMs === undefined ? 'none' : duration(usedMs),
        says: `${oldestMs === undefined ? 'kept for' : 'since the oldest, of'} ${duration(stream.retentionMs)}`,
        link: `${base}/records?from=oldest`,
      },
      await readerStep(views, stream, base),
      await functionStep(views, caller, http, name),
      await deliveryStep(views, caller, http, name),
    ],
  };
}

function putStep({ putRecords, throttled }: Rates, base: string): PathStep {
  const isThrottled = throttled > 0;
  return {
    name: 'Puts',
    state: isThrottled ? 'warn' : putRecords > 0 ? 'good' : '',
    value: `${round(putRecords)} /s`,
    says: isThrottled ? `${round(throttled)} throttled a second` : 'none throttled',
    link: `${base}/shards`,
  };
}

async function readerStep(
  views: Views,
  stream: NonNullable<ReturnType<Views['inspector']['stream']>>,
  base: string,
): Promise<PathStep> {
  const readers = await readersOf(views, stream);
  const [slowest] = readers;
  const common = { name: 'Readers', link: `${base}/readers` } as const;
  if (slowest === undefined) return { ...common, state: '', value: 'none', says: 'nobody reads' };
  const { ageMs } = slowest;
  const share = ageMs / stream.retentionMs;
  return {
    ...common,
    state: share > 0.5 ? 'bad' : ageMs > LATE_MS ? 'warn' : 'good',
    value: ageMs === 0 ? 'at the tail' : `${duration(ageMs)} behind`,
    says:
      share > 0.01
        ? `the slowest of ${readers.length}: ${Math.round(share * 100)} % of the retention`
        : `${readers.length} ${readers.length === 1 ? 'reader' : 'readers'}`,
  };
}

async function functionStep(
  views: Views,
  caller: Caller,
  http: HttpRequest,
  name: string,
): Promise<PathStep> {
  const { mappings } = await functionsView(views, caller, http);
  const own = mappings.filter(({ stream }) => stream === name);
  const blocked = own.find(({ blockages }) => blockages.length > 0);
  const failing = blocked ?? own.find(({ lastResult }) => /^problem/i.test(lastResult));
  const [first] = own;
  const common = { name: 'Functions' } as const;
  if (first === undefined) {
    return { ...common, state: '', value: 'none', says: 'no function is called', link: '#/functions' };
  }
  const { uuid, functionName, blockages } = failing ?? first;
  const shards = blockages.length;
  return {
    ...common,
    state: failing === undefined ? 'good' : 'bad',
    value: blocked !== undefined ? 'blocked' : failing === undefined ? 'no failure' : 'failing',
    says:
      shards > 0
        ? `${functionName}: ${shards} ${shards === 1 ? 'shard stands' : 'shards stand'} still`
        : functionName,
    link: `#/functions?mapping=${encodeURIComponent(uuid)}`,
  };
}

async function deliveryStep(
  views: Views,
  caller: Caller,
  http: HttpRequest,
  name: string,
): Promise<PathStep> {
  const { rows } = await deliveriesView(views, caller, http);
  const [first] = rows.filter(({ stream }) => stream === name);
  const common = { name: 'Deliveries' } as const;
  if (first === undefined) {
    return { ...common, state: '', value: 'none', says: 'nothing is delivered', link: '#/deliveries' };
  }
  const { kind, failure, behindMs = 0, bufferMs } = first;
  const isLate = behindMs > bufferMs + LATE_MS;
  return {
    ...common,
    state: failure !== undefined ? 'bad' : isLate ? 'warn' : 'good',
    value:
      failure !== undefined ? 'failing' : behindMs === 0 ? 'all delivered' : `${duration(behindMs)} wait`,
    says: `${kind} ${first.name}`,
    link: `#/deliveries?${new URLSearchParams({ kind, name: first.name }).toString()}`,
  };
}

async function oldestArrival(
  { inspector }: Views,
  name: string,
  shards: readonly { readonly shardId: string }[],
): Promise<number | undefined> {
  let oldest: number | undefined;
  for (const { shardId } of shards.slice(0, SHARDS_LOOKED_AT_MAX)) {
    const index = await inspector.oldestIndex(name, shardId);
    const arrivedMs = index === undefined ? undefined : await inspector.arrivalOf(name, shardId, index);
    if (arrivedMs !== undefined) oldest = Math.min(oldest ?? Infinity, arrivedMs);
  }
  return oldest;
}

const SHARDS_LOOKED_AT_MAX = 100;

function round(value: number): string {
  return value < 100 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
