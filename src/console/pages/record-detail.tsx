import { useEffect, useState } from 'preact/hooks';
import type { PartView, RecordView } from '../record.ts';
import { get, session } from './api.ts';
import { bytes, dateTime, inert, number, zoneName } from './format.ts';
import { JsonText } from './json-text.tsx';
import { PutRecord } from './put-record.tsx';
import { select } from './selection.ts';
import { CopyButton, Facts, Loading, Problem, Tag, useCall } from './ui.tsx';

interface Place {
  readonly stream: string;
  readonly shard: string;
  readonly seq: string;
}

export function RecordDetail({ stream, shard, seq }: Place) {
  const [isWhole, setWhole] = useState(false);
  useEffect(() => setWhole(false), [stream, shard, seq]);
  const query = new URLSearchParams({ stream, shard, seq, ...(isWhole && { whole: '' }) }).toString();
  const { data, problem } = useCall(() => get<RecordView>(`record?${query}`), [query]);
  return (
    <aside class="panel detail" aria-label="Record">
      <div class="row">
        <h2 class="grow">Record</h2>
        <button
          type="button"
          disabled={data?.previous === undefined}
          onClick={() => go(data?.previous, shard)}
        >
          Previous
        </button>
        <button type="button" disabled={data?.next === undefined} onClick={() => go(data?.next, shard)}>
          Next
        </button>
        <button type="button" class="quiet" aria-label="Close the record" onClick={() => select(undefined)}>
          ✕
        </button>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <Content stream={stream} record={data} showAll={() => setWhole(true)} />
      )}
    </aside>
  );
}

function go(seq: string | undefined, shard: string): void {
  if (seq !== undefined) select({ shard, seq });
}

function Content({
  stream,
  record,
  showAll,
}: {
  readonly stream: string;
  readonly record: RecordView;
  readonly showAll: () => void;
}) {
  const [at, setAt] = useState(0);
  const [isHex, setHex] = useState(false);
  const [isPutting, setPutting] = useState(false);
  const part = record.parts[Math.min(at, record.parts.length - 1)];
  if (part === undefined) return null;
  const shown = isHex ? record.hex.text : part.content.text;
  return (
    <>
      <Chain record={record} part={part} at={at} />
      {record.parts.length > 1 && (
        <div class="row">
          <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
            Previous part
          </button>
          <span class="small">
            {at + 1} of {number(record.partCount)}
            {part.key !== undefined && (
              <>
                {' '}
                · key <code>{inert(part.key)}</code>
              </>
            )}
          </span>
          <button type="button" disabled={at >= record.parts.length - 1} onClick={() => setAt(at + 1)}>
            Next part
          </button>
        </div>
      )}
      <div class="row">
        <span class="seg grow" role="group" aria-label="Form">
          <button type="button" aria-pressed={!isHex} onClick={() => setHex(false)}>
            Decoded
          </button>
          <button type="button" aria-pressed={isHex} onClick={() => setHex(true)}>
            Hex
          </button>
        </span>
        <CopyButton text={shown} />
        {session.value?.mode === 'on' && (
          <button type="button" class="quiet small" onClick={() => setPutting(true)}>
            Put again …
          </button>
        )}
      </div>
      <pre class="block payload" tabIndex={0} aria-label="Content">
        {isHex || part.format === 'text' || part.format === 'hex' ? inert(shown) : <JsonText text={shown} />}
      </pre>
      {!isHex && part.content.length > part.content.text.length && (
        <p class="row small">
          {number(part.content.text.length)} of {number(part.content.length)} characters.
          <button type="button" class="small" onClick={showAll}>
            Show all
          </button>
        </p>
      )}
      <RecordFacts record={record} />
      <Refused part={part} />
      {isPutting && (
        <PutRecord
          stream={stream}
          initial={{ partitionKey: part.key ?? record.key, data: part.content.text }}
          close={() => setPutting(false)}
        />
      )}
    </>
  );
}

/** The layers, from the outside in: gzip › KPL 1 of 40 › JSON. */
function Chain({
  record,
  part,
  at,
}: {
  readonly record: RecordView;
  readonly part: PartView;
  readonly at: number;
}) {
  const layers = [...record.steps, ...part.steps].map(({ name, says }) => ({
    name: name === 'KPL' ? `KPL ${at + 1} of ${record.partCount}` : name,
    says,
  }));
  return (
    <div class="row" role="group" aria-label="How it was decoded">
      {layers.map(({ name, says }) => (
        <span class="row" key={name} title={says}>
          <Tag tone="accent">{name}</Tag>
          <span class="muted" aria-hidden="true">
            ›
          </span>
        </span>
      ))}
      <Tag>{part.format}</Tag>
    </div>
  );
}

function RecordFacts({ record }: { readonly record: RecordView }) {
  const facts: readonly (readonly [string, string])[] = [
    ['Arrived', `${dateTime(record.time)} (${zoneName()})`],
    ['Shard', record.shard],
    ['Sequence number', record.seq],
    ['Partition key', inert(record.key)],
    ...(record.explicitHashKey === undefined
      ? []
      : ([['Explicit hash key', record.explicitHashKey]] as const)),
    ['Size', `${bytes(record.size)} (${number(record.size)} bytes)`],
  ];
  return <Facts facts={facts} />;
}

function Refused({ part }: { readonly part: PartView }) {
  if (part.refused.length === 0) return null;
  return (
    <details class="small">
      <summary>Why it is not something else</summary>
      <Facts facts={part.refused.map(({ decoder, why }) => [decoder, why])} />
    </details>
  );
}
