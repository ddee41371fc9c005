import { useRef } from 'preact/hooks';
import type { NamedReader } from '../named-readers.ts';
import { ago, duration, number } from './format.ts';
import { linkTo } from './router.ts';
import { Bar, DataTable, Empty, Loading, Problem, Spark, Tag, useLive } from './ui.tsx';

interface Data {
  readonly readers: readonly NamedReader[];
  readonly retentionMs: number;
}

const HISTORY_MAX = 60;
const KINDS: Readonly<Record<NamedReader['kind'], string>> = {
  polling: 'GetRecords',
  registered: 'SubscribeToShard',
  mapping: 'function',
  delivery: 'delivery',
  'list log': 'list log',
};

export function Readers({ stream }: { readonly stream: string }) {
  const { data, problem } = useLive<Data>({ topic: 'readers', stream });
  const history = useRef(new Map<string, number[]>());
  const last = useRef<Data | undefined>(undefined);
  if (data !== undefined && data !== last.current) {
    last.current = data;
    for (const reader of data.readers) remember(history.current, keyOf(reader), reader.ageMs);
  }
  return (
    <div class="stack">
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <div class="panel flush">
          {data.readers.length === 0 ? (
            <Empty>
              <h2>Nobody reads this stream</h2>
              <p>
                Readers appear here by themselves, also those that poll with GetRecords. They need not report
                anything.
              </p>
            </Empty>
          ) : (
            <Table data={data} history={history.current} />
          )}
        </div>
      )}
      <p class="muted small">
        The lag is the age of the oldest record that a reader has not read yet. What the console itself reads
        is not counted anywhere.
      </p>
    </div>
  );
}

function keyOf({ kind, caller, userAgent }: NamedReader): string {
  return `${kind}\n${caller}\n${userAgent}`;
}

function remember(history: Map<string, number[]>, key: string, ageMs: number): void {
  const ages = history.get(key) ?? [];
  ages.push(ageMs);
  if (ages.length > HISTORY_MAX) ages.shift();
  history.set(key, ages);
}

function Table({
  data,
  history,
}: {
  readonly data: Data;
  readonly history: ReadonlyMap<string, readonly number[]>;
}) {
  return (
    <DataTable
      label="Readers"
      columns={[
        'Reader',
        'Reads by',
        { number: 'Lag' },
        'Trend',
        'Of the retention',
        { number: 'Records behind' },
        { number: 'Shards' },
        'Last seen',
      ]}
    >
      {data.readers.map((reader) => (
        <Row
          key={keyOf(reader)}
          reader={reader}
          retentionMs={data.retentionMs}
          ages={history.get(keyOf(reader)) ?? []}
        />
      ))}
    </DataTable>
  );
}

function Row({
  reader,
  retentionMs,
  ages,
}: {
  readonly reader: NamedReader;
  readonly retentionMs: number;
  readonly ages: readonly number[];
}) {
  const share = reader.ageMs / retentionMs;
  const tone = share > 0.5 ? 'bad' : reader.ageMs > 60_000 ? 'warn' : 'good';
  const worst = reader.shards[0];
  return (
    <tr>
      <td>
        <Name reader={reader} />
      </td>
      <td>{KINDS[reader.kind]}</td>
      <td class="num">
        <Tag tone={tone}>{reader.ageMs === 0 ? 'at the tail' : duration(reader.ageMs)}</Tag>
        {reader.shards.length > 1 && worst !== undefined && worst.ageMs > 0 && (
          <div class="muted small">worst in {worst.shardId.replace(/^shardId-0*(?=\d)/, '')}</div>
        )}
      </td>
      <td>
        <Spark values={ages} width={80} />
        <span class="muted small">{trendOf(ages)}</span>
      </td>
      <td>
        <Bar share={share} tone={tone === 'good' ? 'accent' : tone} />
        <span class="muted small">{(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 0)} %</span>
      </td>
      <td class="num">{number(reader.behindRecords)}</td>
      <td class="num">{reader.shards.length}</td>
      <td class="nowrap">{reader.lastSeenMs === undefined ? 'always on' : ago(reader.lastSeenMs)}</td>
    </tr>
  );
}

function Name({ reader: { kind, name, caller, userAgent } }: { readonly reader: NamedReader }) {
  if (name === undefined) {
    return (
      <>
        <b class="mono">{caller.replace(/^arn:aws:[^/]*[:/]/, '')}</b>
        <div class="muted small nowrap" title={userAgent}>
          {programOf(userAgent)}
        </div>
      </>
    );
  }
  const link =
    kind === 'mapping' ? linkTo(['functions'], { mapping: caller }) : linkTo(['deliveries'], { name });
  return (
    <>
      <b>
        <a href={link}>{name}</a>
      </b>
      {caller !== name && <div class="muted small mono">{caller}</div>}
    </>
  );
}

/** `growing`, when the lag of the last half is above that of the half before. */
function trendOf(ages: readonly number[]): string {
  if (ages.length < 6) return '';
  const half = Math.floor(ages.length / 2);
  const [before, now] = [mean(ages.slice(0, half)), mean(ages.slice(half))];
  if (now > before * 1.1 + 500) return 'growing';
  return now < before * 0.9 - 500 ? 'shrinking' : 'steady';
}

/** What of a user agent says which program it is. */
function programOf(userAgent: string): string {
  const app = /\bapp\/(\S+)/.exec(userAgent)?.[1];
  const sdk = /^(\S+)/.exec(userAgent)?.[1] ?? '';
  return app === undefined ? sdk : `${app} (${sdk})`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
