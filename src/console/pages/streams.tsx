import { useState } from 'preact/hooks';
import type { StreamRow, StreamsPage } from '../streams.ts';
import { session } from './api.ts';
import { CreateStream } from './create-stream.tsx';
import { ago, bytes, duration, number } from './format.ts';
import { go, linkTo, route, setQuery } from './router.ts';
import { DataTable, Empty, Loading, Problem, Spark, Tag, useLive } from './ui.tsx';

const PAGE = 50;

export function Streams() {
  const { q = '', page = '0' } = route.value.query;
  const offset = Number(page) * PAGE;
  const { data, problem } = useLive<StreamsPage>({ topic: 'streams', filter: q, offset, limit: PAGE });
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <div class="head">
        <h1>Streams</h1>
        <span class="muted">
          {data !== undefined &&
            (q === '' ? number(data.total) : `${number(data.matching)} of ${number(data.total)}`)}
        </span>
        <span class="grow" />
        <input
          type="search"
          data-search
          aria-label="Filter by name"
          placeholder="Filter by name  ( / )"
          value={q}
          onInput={(event) => setQuery({ q: event.currentTarget.value, page: undefined })}
        />
        {session.value?.mode === 'on' && (
          <button type="button" class="primary" onClick={() => setOpen(true)}>
            Create stream
          </button>
        )}
      </div>
      <Problem text={problem} />
      <div class="panel flush">
        {data === undefined ? (
          <Empty>
            <Loading />
          </Empty>
        ) : data.rows.length === 0 ? (
          <Empty>
            <p>{q === '' ? 'There are no streams yet.' : `No stream has "${q}" in its name.`}</p>
          </Empty>
        ) : (
          <Table rows={data.rows} />
        )}
      </div>
      {data !== undefined && data.matching > PAGE && (
        <div class="head">
          <span class="muted">
            {number(offset + 1)} to {number(Math.min(offset + PAGE, data.matching))} of{' '}
            {number(data.matching)}
          </span>
          <button
            type="button"
            disabled={offset === 0}
            onClick={() => setQuery({ page: String(Number(page) - 1) })}
          >
            Previous
          </button>
          <button
            type="button"
            disabled={offset + PAGE >= data.matching}
            onClick={() => setQuery({ page: String(Number(page) + 1) })}
          >
            Next
          </button>
        </div>
      )}
      {isOpen && <CreateStream close={() => setOpen(false)} />}
    </>
  );
}

function Table({ rows }: { readonly rows: readonly StreamRow[] }) {
  return (
    <DataTable
      label="Streams"
      columns={[
        'Name',
        'State',
        { number: 'Shards' },
        { number: 'Put' },
        { number: 'Bytes' },
        'Last minutes',
        { number: 'Read' },
        { number: 'Throttled' },
        'Last record',
        { number: 'Retention' },
      ]}
    >
      {rows.map((row) => (
        <tr key={row.name} class="link" onClick={() => go(linkTo(['streams', row.name]))}>
          <td>
            <a href={linkTo(['streams', row.name])}>{row.name}</a>
          </td>
          <td>
            <Tag tone={row.status === 'ACTIVE' ? 'good' : 'warn'}>{row.status.toLowerCase()}</Tag>
          </td>
          <td class="num">
            {number(row.openShards)}
            {row.mode === 'ON_DEMAND' && <span class="muted small"> on demand</span>}
          </td>
          <td class="num">{number(row.putRecords)} /s</td>
          <td class="num">{bytes(row.putBytes)}/s</td>
          <td>
            <Spark values={row.history} />
          </td>
          <td class="num">{number(row.readRecords)} /s</td>
          <td class="num">{row.throttled > 0 ? <Tag tone="warn">{number(row.throttled)} /s</Tag> : '0'}</td>
          <td class="nowrap">{ago(row.lastArrivalMs)}</td>
          <td class="num">{duration(row.retentionMs)}</td>
        </tr>
      ))}
    </DataTable>
  );
}
