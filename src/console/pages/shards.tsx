import { useState } from 'preact/hooks';
import type { ShardLoad } from '../shards.ts';
import { actions } from './actions/index.ts';
import { session } from './api.ts';
import { ago, bytes, inert, number } from './format.ts';
import { Lineage } from './lineage.tsx';
import { shardNumber } from './record-list.tsx';
import { linkTo } from './router.ts';
import { Bar, DataTable, Loading, Perform, Problem, Tag, useLive } from './ui.tsx';

interface Data {
  readonly shards: readonly ShardLoad[];
  readonly mode: string;
}

const RECORDS_MAX = 1000;
const BYTES_MAX = 1024 * 1024;
const LAST = 2n ** 128n;

type Action = { readonly kind: 'split' | 'merge'; readonly shard: ShardLoad };

export function Shards({ stream }: { readonly stream: string }) {
  const { data, problem } = useLive<Data>({ topic: 'shards', stream });
  const [action, setAction] = useState<Action>();
  if (data === undefined) return problem === undefined ? <Loading /> : <Problem text={problem} />;
  const open = data.shards.filter(({ closedMs }) => closedMs === undefined).sort(byHashKey);
  const closed = data.shards.filter(({ closedMs }) => closedMs !== undefined);
  return (
    <div class="stack">
      <Problem text={problem} />
      <section class="panel" aria-labelledby="ring">
        <h2 id="ring">Hash keys, and the load of the shards that own them</h2>
        <Ring shards={open} />
      </section>
      <section class="panel flush" aria-labelledby="open-shards">
        <h2 id="open-shards">Open shards</h2>
        <Table stream={stream} shards={open} act={session.value?.mode === 'on' ? setAction : undefined} />
      </section>
      <section class="panel" aria-labelledby="lineage">
        <h2 id="lineage">
          Lineage{closed.length > 0 ? `: ${closed.length} closed, ${open.length} open` : ''}
        </h2>
        {closed.length === 0 ? (
          <p class="muted">No shard was split or merged, or their records have expired.</p>
        ) : (
          <Lineage shards={data.shards} />
        )}
      </section>
      <p class="muted small">
        A shard takes 1,000 records and 1 MiB a second where the limits of AWS are on. Rates of records are
        exact; bytes and keys are those of the newest records. They are measured only while this page is open.
      </p>
      {action !== undefined && (
        <Reshard stream={stream} action={action} open={open} close={() => setAction(undefined)} />
      )}
    </div>
  );
}

function byHashKey(left: ShardLoad, right: ShardLoad): number {
  return BigInt(left.from) < BigInt(right.from) ? -1 : 1;
}

function loadOf({ recordsPerSecond, bytesPerSecond }: ShardLoad): number {
  return Math.max(recordsPerSecond / RECORDS_MAX, bytesPerSecond / BYTES_MAX);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function scale(key: bigint): number {
  return Number((key * 1_000_000n) / LAST) / 10_000;
}

/** The part of all hash keys, exact enough for a picture. */
function share(from: string, to: string): { readonly start: number; readonly width: number } {
  return { start: scale(BigInt(from)), width: scale(BigInt(to) + 1n - BigInt(from)) };
}

function Ring({ shards }: { readonly shards: readonly ShardLoad[] }) {
  return (
    <svg
      class="ring"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      height="56"
      role="img"
      aria-label="The table below has the same by number"
    >
      {shards.map((shard) => {
        const { start, width } = share(shard.from, shard.to);
        const load = loadOf(shard);
        return (
          <g key={shard.shardId}>
            <title>{`${shard.shardId}: ${percent(width / 100)} of the keys, ${number(shard.recordsPerSecond)} records/s`}</title>
            <rect
              x={start}
              width={width}
              height="8"
              fill="var(--raised)"
              stroke="var(--panel)"
              stroke-width="0.25"
            />
            <rect
              x={start}
              width={width}
              y={8 - 8 * Math.min(1, load)}
              height={8 * Math.min(1, load)}
              fill={load > 0.9 ? 'var(--bad)' : load > 0.7 ? 'var(--warn)' : 'var(--accent)'}
              stroke="var(--panel)"
              stroke-width="0.25"
            />
          </g>
        );
      })}
    </svg>
  );
}

function Table({
  stream,
  shards,
  act,
}: {
  readonly stream: string;
  readonly shards: readonly ShardLoad[];
  readonly act: ((action: Action) => void) | undefined;
}) {
  return (
    <DataTable
      label="Table of the open shards"
      columns={[
        'Shard',
        { number: 'Keys' },
        { number: 'Records' },
        { number: 'Bytes' },
        'Load',
        { number: 'Peak' },
        'Most frequent keys',
        'Last record',
      ]}
      hasActions={act !== undefined}
    >
      {shards.map((shard, at) => {
        const load = loadOf(shard);
        return (
          <tr key={shard.shardId}>
            <td class="mono">
              <a href={linkTo(['streams', stream, 'records'], { shards: shard.shardId })}>
                {shardNumber(shard.shardId)}
              </a>
            </td>
            <td class="num">{percent(share(shard.from, shard.to).width / 100)}</td>
            <td class="num">{number(shard.recordsPerSecond)} /s</td>
            <td class="num">{bytes(shard.bytesPerSecond)}/s</td>
            <td>
              <Bar share={load} tone={load > 0.9 ? 'bad' : load > 0.7 ? 'warn' : 'accent'} />
              <span class="small">{percent(load)}</span>
            </td>
            <td class="num">{number(shard.peakRecordsPerSecond)} /s</td>
            <td>
              <Keys shard={shard} />
            </td>
            <td class="nowrap">{ago(shard.lastArrivalMs)}</td>
            {act !== undefined && (
              <td class="nowrap right">
                <button type="button" class="small" onClick={() => act({ kind: 'split', shard })}>
                  Split …
                </button>{' '}
                <button
                  type="button"
                  class="small"
                  disabled={at === shards.length - 1}
                  onClick={() => act({ kind: 'merge', shard })}
                >
                  Merge …
                </button>
              </td>
            )}
          </tr>
        );
      })}
    </DataTable>
  );
}

function Keys({ shard }: { readonly shard: ShardLoad }) {
  if (shard.topKeys.length === 0) return <span class="muted">–</span>;
  return (
    <span class="row">
      {shard.topKeys.slice(0, 3).map(({ key, share }) => (
        <Tag key={key} tone={share > 0.5 ? 'warn' : ''}>
          <span class="mono">{inert(key.slice(0, 40))}</span> {percent(share)}
        </Tag>
      ))}
    </span>
  );
}

function Reshard({
  stream,
  action,
  open,
  close,
}: {
  readonly stream: string;
  readonly action: Action;
  readonly open: readonly ShardLoad[];
  readonly close: () => void;
}) {
  const { kind, shard } = action;
  const neighbour = open[open.findIndex(({ shardId }) => shardId === shard.shardId) + 1];
  const middle = String((BigInt(shard.from) + BigInt(shard.to)) / 2n + 1n);
  const [start, setStart] = useState(middle);
  if (kind === 'split') {
    return (
      <Perform action={actions.splitShard(stream, shard.shardId, start)} close={close}>
        <label class="field">
          First hash key of the second shard
          <input
            class="mono"
            required
            pattern="\d+"
            value={start}
            onInput={(event) => setStart(event.currentTarget.value)}
          />
          <small>
            {kind === 'split' && /^\d+$/.test(start)
              ? `${percent(share(shard.from, start).width / Math.max(1e-9, share(shard.from, shard.to).width))} of the keys stay in the first`
              : 'A decimal number'}
          </small>
        </label>
      </Perform>
    );
  }
  if (neighbour === undefined) return null;
  return (
    <Perform action={actions.mergeShards(stream, shard.shardId, neighbour.shardId)} close={close}>
      <p>Together they have {percent(loadOf(shard) + loadOf(neighbour))} of the load that a shard takes.</p>
    </Perform>
  );
}
