import { useEffect, useState } from 'preact/hooks';
import type { RecentChange } from '../../audit/recent-changes.ts';
import type { SeenRequest } from '../../audit/request-feed.ts';
import type { ActivityView, RequestsView } from '../activity.ts';
import { clock, dateTime, duration, inert, number } from './format.ts';
import { JsonText } from './json-text.tsx';
import { subscribe } from './live.ts';
import { linkTo, route, setQuery } from './router.ts';
import { DataTable, Empty, Facts, Loading, Problem, Tag, useLive } from './ui.tsx';

const TABS = [
  ['changes', 'Changes'],
  ['requests', 'Requests now'],
] as const;

export function Activity({ tab }: { readonly tab: string }) {
  return (
    <>
      <div class="head">
        <h1>Activity</h1>
      </div>
      <nav class="tabs" aria-label="Views of the activity">
        {TABS.map(([id, title]) => (
          <a key={id} href={linkTo(['activity', id])} aria-current={tab === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {tab === 'requests' ? <Requests /> : <Changes />}
    </>
  );
}

function Changes() {
  const { q = '', id } = route.value.query;
  const { data, problem } = useLive<ActivityView>({ topic: 'activity', filter: q });
  const chosen = data?.changes.find((change) => String(change.id) === id);
  return (
    <div class="stack">
      <div class="row">
        <input
          class="grow"
          type="search"
          data-search
          aria-label="Filter"
          placeholder="Operation, resource, who, address, error  ( / )"
          value={q}
          onInput={(event) => setQuery({ q: event.currentTarget.value, id: undefined })}
        />
        <span class="muted small">
          {data !== undefined &&
            (q === '' ? number(data.total) : `${number(data.matching)} of ${number(data.total)}`)}
        </span>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <div class={`records ${chosen === undefined ? '' : 'open'}`}>
          <div class="panel flush">
            {data.changes.length === 0 ? (
              <Empty>
                <p>
                  {q === ''
                    ? `Nothing was changed since ${dateTime(data.sinceMs).slice(0, 19)}, when the server started.`
                    : 'No change has all of that.'}
                </p>
              </Empty>
            ) : (
              <ChangeTable changes={data.changes} chosen={chosen} />
            )}
          </div>
          {chosen !== undefined && <Detail change={chosen} />}
        </div>
      )}
      <p class="muted small">
        The last 500 changes
        {data !== undefined && ` since ${dateTime(data.sinceMs).slice(0, 19)}, when the server started`}: of
        resources by everybody, of data by the console.{' '}
        {data?.changes.some(({ via }) => via === 'audit log') === true ? (
          'Those of resources from before are from its audit log.'
        ) : (
          <>
            An audit log keeps all of them, over restarts too: <code>nagare start --audit-log FILE</code>.
          </>
        )}
      </p>
    </div>
  );
}

function ChangeTable({
  changes,
  chosen,
}: {
  readonly changes: readonly RecentChange[];
  readonly chosen: RecentChange | undefined;
}) {
  return (
    <DataTable label="Table of the changes" columns={['Time', 'What', 'Resource', 'Result', 'Who', 'By']}>
      {changes.map((change) => {
        const { id, timeMs, operation, resource, error, who, via } = change;
        return (
          <tr
            key={id}
            class="link"
            aria-selected={change === chosen ? 'true' : undefined}
            onClick={() => setQuery({ id: String(id) })}
          >
            <td class="mono nowrap">{clock(timeMs).slice(0, 8)}</td>
            <td class="nowrap">
              <a href={linkTo(['activity', 'changes'], { ...route.value.query, id: String(id) })}>
                {operationOf(operation)}
              </a>{' '}
              <span class="muted small">{operation.split(':')[0]}</span>
            </td>
            <td class="wrap">{inert(resource)}</td>
            <td>{error === undefined ? <Tag tone="good">done</Tag> : <Tag tone="bad">{error.code}</Tag>}</td>
            <td>{who === '' ? <span class="muted">anyone</span> : inert(who.split(/[:/]/).at(-1) ?? '')}</td>
            <td>{via === 'console' ? <Tag tone="accent">console</Tag> : via}</td>
          </tr>
        );
      })}
    </DataTable>
  );
}

function operationOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function Detail({ change }: { readonly change: RecentChange }) {
  const { operation, timeMs, who, via, address, userAgent, error, requestId, parameters } = change;
  const facts: readonly (readonly [string, string])[] = [
    ['Time', dateTime(timeMs)],
    ['Who', who === '' ? 'anyone: the server has no keys' : who],
    ['From', `${address} (${via})`],
    ['Program', userAgent],
    ['Request', requestId],
  ];
  return (
    <aside class="panel detail" aria-label="Change">
      <div class="row">
        <h2 class="grow flat">{operation}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close the change"
          onClick={() => setQuery({ id: undefined })}
        >
          ✕
        </button>
      </div>
      {error !== undefined && (
        <p class="note bad">
          <b>{error.code}</b> {inert(error.message)}
        </p>
      )}
      <Facts facts={facts.map(([name, value]) => [name, inert(value)])} />
      <pre class="block payload" tabIndex={0} aria-label="Parameters">
        <JsonText text={indented(parameters)} />
      </pre>
    </aside>
  );
}

/** Long parameters are cut off, and then are no JSON. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}

const REQUESTS_MAX = 300;

interface Shown {
  readonly requests: readonly SeenRequest[];
  readonly skipped: number;
}

function Requests() {
  const [isPaused, setPaused] = useState(false);
  const [problem, setProblem] = useState<string>();
  // Undefined until the server watches: what is sent before that is not shown.
  const [shown, setShown] = useState<Shown>();
  const { requests, skipped } = shown ?? { requests: [], skipped: 0 };
  useEffect(() => {
    if (isPaused) return undefined;
    return subscribe(
      { topic: 'requests' },
      {
        message(message) {
          // The topic defines it.
          const { requests: more, skipped: missed } = message as unknown as RequestsView;
          if (more === undefined) return;
          setShown((last) => ({
            requests: [...more.toReversed(), ...(last?.requests ?? [])].slice(0, REQUESTS_MAX),
            skipped: (last?.skipped ?? 0) + missed,
          }));
        },
        refused: (_code, text) => setProblem(text),
      },
    );
  }, [isPaused]);
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class={isPaused ? 'primary' : ''} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Resume' : 'Pause'}
        </button>
        <span class={`tag ${isPaused ? 'warn' : 'good live'}`}>
          {!isPaused && <span class="dot" aria-hidden="true" />}
          {isPaused ? 'paused' : 'live'}
        </span>
        {skipped > 0 && <b class="small">{number(skipped)} skipped: more than the page can show</b>}
      </div>
      <Problem text={problem} />
      <div class="panel flush">
        {shown === undefined ? (
          problem === undefined && <Loading />
        ) : requests.length === 0 ? (
          <Empty>
            <p>Waiting for requests to the API … Those of the console are not shown.</p>
          </Empty>
        ) : (
          <DataTable
            label="Table of the requests"
            columns={['Time', 'Request', 'Status', { number: 'Latency' }, 'Who', 'Address']}
          >
            {requests.map((request, at) => (
              <RequestRow key={requests.length - at} request={request} />
            ))}
          </DataTable>
        )}
      </div>
      <p class="muted small">
        Requests are watched only while this page is open. A request that came while it was not is not here.
      </p>
    </div>
  );
}

function RequestRow({ request }: { readonly request: SeenRequest }) {
  const { timeMs, operation, status, errorCode, durationMs, caller, address } = request;
  return (
    <tr>
      <td class="mono nowrap">{clock(timeMs)}</td>
      <td class="nowrap">{inert(operation)}</td>
      <td class="nowrap">
        {status < 400 ? String(status) : <Tag tone="bad">{errorCode ?? String(status)}</Tag>}
      </td>
      <td class="num">{durationMs < 10 ? `${durationMs.toFixed(1)} ms` : duration(durationMs)}</td>
      <td>{caller === '' ? <span class="muted">anyone</span> : inert(caller.split(/[:/]/).at(-1) ?? '')}</td>
      <td class="mono">{address}</td>
    </tr>
  );
}
