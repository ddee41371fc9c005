import type { Principal } from '../../../auth/principal.ts';
import type { SeenReader } from '../../../consumers/stream-inspector.ts';
import { kinesisLimits } from '../limits.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

interface Seen {
  readonly caller: string;
  readonly userAgent: string;
  readonly firstSeenMs: number;
  readonly shards: Map<number, { nextIndex: number; lastSeenMs: number; records: number }>;
}

/** Who polls which stream, and how far they are: by caller and program, because clients do not name themselves. */
export class ReaderTracker {
  readonly #streams = new WeakMap<Stream, Map<string, Seen>>();

  /** Called after each GetRecords. */
  saw(
    stream: Stream,
    shard: Shard,
    { scope, identity }: Principal,
    userAgent: string | undefined,
    read: { readonly nextIndex: number; readonly records: number; readonly nowMs: number },
  ): void {
    const { nextIndex, records, nowMs } = read;
    const caller = identity.kind === 'unverified' ? (scope?.accessKeyId ?? 'anonymous') : identity.arn;
    const reader = this.#reader(stream, caller, shortened(userAgent ?? ''), nowMs);
    const known = reader.shards.get(shard.index);
    if (known !== undefined) {
      known.nextIndex = nextIndex;
      known.lastSeenMs = nowMs;
      known.records += records;
    } else if (reader.shards.size < kinesisLimits.trackedShardsMax) {
      reader.shards.set(shard.index, { nextIndex, lastSeenMs: nowMs, records });
    }
  }

  #reader(stream: Stream, caller: string, userAgent: string, nowMs: number): Seen {
    let readers = this.#streams.get(stream);
    if (readers === undefined) this.#streams.set(stream, (readers = new Map()));
    const key = `${caller}\n${userAgent}`;
    const known = readers.get(key);
    if (known !== undefined) return known;
    if (readers.size >= kinesisLimits.trackedReadersMax) {
      const [oldest] = readers.keys();
      if (oldest !== undefined) readers.delete(oldest);
    }
    const made = { caller, userAgent, firstSeenMs: nowMs, shards: new Map() };
    readers.set(key, made);
    return made;
  }

  of(stream: Stream): SeenReader[] {
    return [...(this.#streams.get(stream)?.values() ?? [])].flatMap(
      ({ caller, userAgent, firstSeenMs, shards }) =>
        [...shards].flatMap(([index, state]) => {
          const shardId = stream.shard(index)?.id;
          if (shardId === undefined) return [];
          return [{ kind: 'polling' as const, caller, userAgent, firstSeenMs, shardId, ...state }];
        }),
    );
  }
}

/** A client may send any length. */
function shortened(userAgent: string): string {
  const { userAgentCharactersMax: max } = kinesisLimits;
  return userAgent.length > max ? userAgent.slice(0, max) : userAgent;
}
