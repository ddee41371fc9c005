import { useState } from 'preact/hooks';
import type { DeliveriesView } from '../deliveries.ts';
import type { DeliveryRow, ObjectPlace } from '../delivery-row.ts';
import { type Action, actions } from './actions/index.ts';
import type { ObjectView } from '../objects.ts';
import { get, session } from './api.ts';
import { ago, dateTime, duration, inert, number } from './format.ts';
import { linkTo, route, setQuery } from './router.ts';
import { VerifyListLog } from './verify-list-log.tsx';
import { DataTable, Empty, Loading, Perform, Problem, Tag, type Tone, useCall, useLive } from './ui.tsx';

type Act = ((action: Action) => void) | undefined;

export function Deliveries() {
  const { data, problem } = useLive<DeliveriesView>({ topic: 'deliveries' });
  const [action, setAction] = useState<Action>();
  const { kind, name } = route.value.query;
  const chosen =
    data?.rows.find((row) => (kind ?? row.kind) === row.kind && row.name === name) ?? data?.rows[0];
  return (
    <>
      <div class="head">
        <h1>Deliveries</h1>
        <span class="muted">{data !== undefined && number(data.rows.length)}</span>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : data.rows.length === 0 ? (
        <Nothing isDenied={data.isDenied} />
      ) : (
        <div class="stack">
          <div class="panel flush">
            <Rows rows={data.rows} chosen={chosen} />
          </div>
          {chosen !== undefined && (
            <Detail
              key={`${chosen.kind} ${chosen.name}`}
              row={chosen}
              act={session.value?.mode === 'on' ? setAction : undefined}
            />
          )}
        </div>
      )}
      {action !== undefined && <Perform action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Nothing({ isDenied }: { readonly isDenied: boolean }) {
  return (
    <div class="panel">
      <Empty>
        <p>
          {isDenied
            ? 'Your key may list neither delivery streams nor channels nor list logs.'
            : 'Nothing is delivered yet. A list log writes each record of a stream as a line of an object:'}
        </p>
        {!isDenied && (
          <pre class="block">nagare list-log create log --stream orders --bucket logs --key orders.txt</pre>
        )}
      </Empty>
    </div>
  );
}

/** Behind what the buffer explains. */
function isLate({ behindMs = 0, bufferMs }: DeliveryRow): boolean {
  return behindMs > bufferMs + 60_000;
}

function toneOf(row: DeliveryRow): Tone {
  if (row.failure !== undefined || row.state === 'FAILED') return 'bad';
  return row.state === 'ACTIVE' && !isLate(row) ? 'good' : 'warn';
}

function wordOf(row: DeliveryRow): string {
  if (row.failure !== undefined || row.state === 'FAILED') return 'failing';
  if (row.state === 'ACTIVE' && isLate(row)) return 'late';
  return row.state === 'WAITING_FOR_STREAM' ? 'no such stream' : row.state.toLowerCase();
}

function Rows({
  rows,
  chosen,
}: {
  readonly rows: readonly DeliveryRow[];
  readonly chosen: DeliveryRow | undefined;
}) {
  return (
    <DataTable
      label="Table of the deliveries"
      columns={[
        'Name',
        'State',
        'From',
        'To',
        { number: 'Waiting' },
        { number: 'Oldest' },
        { number: 'Given up' },
      ]}
    >
      {rows.map((row) => {
        const { kind, name, stream, target, waiting, behindMs, refused } = row;
        return (
          <tr
            key={`${kind} ${name}`}
            class="link"
            aria-selected={row === chosen ? 'true' : undefined}
            onClick={() => setQuery({ kind, name })}
          >
            <td>
              <a href={linkTo(['deliveries'], { kind, name })}>{name}</a>
              <div class="muted small">{kind}</div>
            </td>
            <td>
              <Tag tone={toneOf(row)}>{wordOf(row)}</Tag>
            </td>
            <td>{stream === undefined ? <span class="muted">direct puts</span> : stream}</td>
            <td class="mono wrap">{inert(target)}</td>
            <td class="num">{waiting === undefined ? '–' : number(waiting)}</td>
            <td class="num">{behindMs === undefined || behindMs === 0 ? '–' : duration(behindMs)}</td>
            <td class="num">
              {refused === undefined ? '0' : <Tag tone="warn">{number(refused.records)}</Tag>}
            </td>
          </tr>
        );
      })}
    </DataTable>
  );
}

function Detail({ row, act }: { readonly row: DeliveryRow; readonly act: Act }) {
  const { kind, name, failure, refused, place, lines } = row;
  return (
    <section class="panel stack" aria-labelledby="delivery-name">
      <div class="row">
        <h2 id="delivery-name" class="grow flat">
          {name} <span class="muted">{kind}</span>
        </h2>
        <Tag tone={toneOf(row)}>{wordOf(row)}</Tag>
        {act !== undefined && <Buttons row={row} act={act} />}
      </div>
      {failure !== undefined && (
        <div class="note bad">
          <b>Nothing is delivered{failure.sinceMs !== undefined && `, since ${ago(failure.sinceMs)}`}:</b>{' '}
          {inert(failure.reason)}
          <p class="small">It is tried again every few seconds. Its records wait.</p>
        </div>
      )}
      {refused !== undefined && (
        <p class="note warn">
          <b>
            {number(refused.records)} {refused.records === 1 ? 'record was' : 'records were'} given up
            {kind === 'list log' ? '' : ' since the server started'}.
          </b>{' '}
          {inert(refused.last)}
          {refused.place !== undefined && (
            <>
              {' '}
              They are below{' '}
              <Place place={refused.place} text={`s3://${refused.place.bucket}/${refused.place.prefix}`} />
            </>
          )}
        </p>
      )}
      <Facts row={row} />
      {kind === 'list log' && place !== undefined && <VerifyListLog name={name} />}
      {kind === 'list log' && place !== undefined && lines !== undefined && lines > 0 && (
        <LastLines place={place} lines={lines} />
      )}
    </section>
  );
}

/** A list log is one object; others write many below a prefix. */
function Place({
  place: { bucket, prefix },
  text,
  isObject = false,
}: {
  readonly place: ObjectPlace;
  readonly text: string;
  readonly isObject?: boolean;
}) {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const query = isObject ? { prefix: folder, key: prefix } : { prefix };
  return <a href={linkTo(['objects', bucket], query)}>{inert(text)}</a>;
}

const LINES_SHOWN = 20;

/** Read again when there are more. */
function LastLines({ place, lines }: { readonly place: ObjectPlace; readonly lines: number }) {
  const query = new URLSearchParams({ bucket: place.bucket, key: place.prefix }).toString();
  const { data, problem } = useCall(() => get<ObjectView>(`object/tail?${query}`), [query, lines]);
  const shown = (data?.text ?? '').split('\n').slice(-LINES_SHOWN - 1);
  return (
    <>
      <h2 class="flat">Last lines</h2>
      <Problem text={problem} />
      {data !== undefined && (
        <pre class="block payload" tabIndex={0} aria-label="Last lines">
          {inert(shown.join('\n'))}
        </pre>
      )}
    </>
  );
}

function Facts({ row }: { readonly row: DeliveryRow }) {
  const { stream, target, place, waiting, behindMs, bufferMs, lines, kind } = row;
  return (
    <dl class="facts">
      <dt>From</dt>
      <dd>
        {stream === undefined ? 'direct puts' : <a href={linkTo(['streams', stream])}>stream {stream}</a>}
      </dd>
      <dt>To</dt>
      <dd>
        {place === undefined ? (
          inert(target)
        ) : (
          <Place place={place} text={target} isObject={kind === 'list log'} />
        )}
      </dd>
      <dt>Waiting</dt>
      <dd>
        {waiting === undefined
          ? 'unknown until something was delivered'
          : waiting === 0
            ? 'nothing: all that has arrived is delivered'
            : `${number(waiting)} ${waiting === 1 ? 'record' : 'records'}${
                behindMs === undefined || behindMs === 0
                  ? ''
                  : `, the oldest for ${duration(behindMs)} (since ${dateTime(Date.now() - behindMs).slice(0, 19)})`
              }`}
      </dd>
      {kind !== 'list log' && (
        <>
          <dt>Buffer</dt>
          <dd>{bufferMs === 0 ? 'none: delivered at once' : `up to ${duration(bufferMs)}`}</dd>
        </>
      )}
      {lines !== undefined && (
        <>
          <dt>Lines</dt>
          <dd>{number(lines)}</dd>
        </>
      )}
    </dl>
  );
}

function Buttons({
  row: { kind, name, arn, failure, waiting = 0, stream },
  act,
}: {
  readonly row: DeliveryRow;
  readonly act: NonNullable<Act>;
}) {
  const button = (text: string, action: Action) => (
    <button type="button" class="small" onClick={() => act(action)}>
      {text}
    </button>
  );
  if (kind === 'list log') return button('Delete …', actions.deleteListLog(name));
  if (kind === 'channel') return button('Delete …', actions.deleteChannel(name, arn));
  const holdsPuts = stream === undefined && waiting > 0;
  return (
    <>
      {failure !== undefined && button('Try again …', actions.retryDelivery(name))}
      {button('Deliver now …', actions.flushDelivery(name))}
      {button('Delete …', actions.deleteDelivery(name))}
      {holdsPuts && button('Drop and delete …', actions.forceDeleteDelivery(name, waiting))}
    </>
  );
}
