import { useState } from 'preact/hooks';
import type { Blockage, FunctionRow, FunctionsView, MappingRow } from '../functions.ts';
import type { ReaderView } from '../readers.ts';
import { type Action, actions } from './actions/index.ts';
import { session } from './api.ts';
import { duration, number, timeZone, zoneName } from './format.ts';
import { FunctionMetrics } from './function-metrics.tsx';
import { FunctionLog } from './function-log.tsx';
import { InvokeFunction } from './invoke-function.tsx';
import { shardNumber } from './record-list.tsx';
import { linkTo, route } from './router.ts';
import { DataTable, Empty, Loading, Perform, Problem, Tag, type Tone, useLive } from './ui.tsx';

interface Act {
  readonly perform: (action: Action) => void;
  readonly rewind: (mapping: MappingRow) => void;
}

export function Functions() {
  const { data, problem } = useLive<FunctionsView>({ topic: 'functions' });
  const [invoked, setInvoked] = useState<string>();
  const [action, setAction] = useState<Action>();
  const [rewound, setRewound] = useState<MappingRow>();
  const mayChange = session.value?.mode === 'on';
  const act = mayChange ? { perform: setAction, rewind: setRewound } : undefined;
  const { name: chosen } = route.value.query;
  return (
    <>
      <div class="head">
        <h1>Functions</h1>
        <span class="muted">{data !== undefined && number(data.functions.length)}</span>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <div class="stack">
          {data.isDenied && <p class="note warn">Your key may list neither functions nor mappings.</p>}
          <section class="panel flush" aria-labelledby="mappings">
            <h2 id="mappings">Event source mappings</h2>
            {data.mappings.length === 0 ? (
              <Empty>
                <p>No function is called with the records of a stream.</p>
              </Empty>
            ) : (
              data.mappings.map((mapping) => <Mapping key={mapping.uuid} mapping={mapping} act={act} />)
            )}
          </section>
          <section class="panel flush" aria-labelledby="functions">
            <h2 id="functions">Functions</h2>
            {data.functions.length === 0 ? (
              <Empty>
                <p>There are no functions yet.</p>
              </Empty>
            ) : (
              <FunctionTable rows={data.functions} invoke={mayChange ? setInvoked : undefined} />
            )}
          </section>
          {chosen !== undefined && <FunctionMetrics key={chosen} name={chosen} />}
        </div>
      )}
      {invoked !== undefined && <InvokeFunction name={invoked} close={() => setInvoked(undefined)} />}
      {action !== undefined && <Perform action={action} close={() => setAction(undefined)} />}
      {rewound !== undefined && <Rewind mapping={rewound} close={() => setRewound(undefined)} />}
    </>
  );
}

function FunctionTable({
  rows,
  invoke,
}: {
  readonly rows: readonly FunctionRow[];
  readonly invoke: ((name: string) => void) | undefined;
}) {
  return (
    <DataTable
      label="Table of the functions"
      columns={['Name', 'Runtime', 'Handler', { number: 'Timeout' }, { number: 'Memory' }]}
      hasActions={invoke !== undefined}
    >
      {rows.map((row) => (
        <tr key={row.name} aria-selected={row.name === route.value.query['name'] ? 'true' : undefined}>
          <td>
            <a href={linkTo(['functions'], { name: row.name })}>{row.name}</a>
          </td>
          <td>{row.runtime}</td>
          <td class="mono">{row.handler}</td>
          <td class="num">{row.timeoutSeconds} s</td>
          <td class="num">{number(row.memoryMb)} MiB</td>
          {invoke !== undefined && (
            <td class="right">
              <button type="button" class="small" onClick={() => invoke(row.name)}>
                Invoke …
              </button>
            </td>
          )}
        </tr>
      ))}
    </DataTable>
  );
}

function toneOf({ state, blockages, lastResult }: MappingRow): Tone {
  if (blockages.length > 0 || /^problem/i.test(lastResult)) return 'bad';
  return state === 'Enabled' ? 'good' : 'warn';
}

function Mapping({ mapping, act }: { readonly mapping: MappingRow; readonly act: Act | undefined }) {
  const { uuid, functionName, stream, sourceArn, state, lastResult, blockages } = mapping;
  const isPaused = state === 'Disabled' || state === 'Disabling';
  return (
    <article
      class={`mapping ${route.value.query['mapping'] === uuid ? 'is-chosen' : ''}`}
      aria-label={`Mapping to ${functionName}`}
    >
      <div class="row">
        <b class="grow">
          {stream === undefined ? (
            sourceArn.split(':').at(-1)
          ) : (
            <a href={linkTo(['streams', stream])}>{stream}</a>
          )}{' '}
          → {functionName}
        </b>
        <Tag tone={toneOf(mapping)}>{blockages.length > 0 ? 'blocked' : state.toLowerCase()}</Tag>
        {act !== undefined && (
          <>
            <button
              type="button"
              class="small"
              onClick={() =>
                act.perform(
                  isPaused
                    ? actions.resumeMapping(uuid, functionName)
                    : actions.pauseMapping(uuid, functionName),
                )
              }
            >
              {isPaused ? 'Resume …' : 'Pause …'}
            </button>
            {stream !== undefined && (
              <button type="button" class="small" onClick={() => act.rewind(mapping)}>
                Rewind …
              </button>
            )}
          </>
        )}
      </div>
      <p class="muted small">
        {lastResult === '' ? 'Nothing processed yet' : lastResult}
        {mapping.batchSize !== undefined && ` · batches of up to ${number(mapping.batchSize)}`}
        {mapping.retries !== undefined &&
          ` · ${mapping.retries < 0 ? 'retries without end' : `${number(mapping.retries)} retries`}`}
      </p>
      {stream !== undefined && <Lag stream={stream} uuid={uuid} />}
      {blockages.map((blockage) => (
        <Blocked
          key={`${blockage.shardId}${blockage.from}`}
          mapping={mapping}
          blockage={blockage}
          perform={act?.perform}
        />
      ))}
    </article>
  );
}

function Lag({ stream, uuid }: { readonly stream: string; readonly uuid: string }) {
  const { data } = useLive<{ readonly readers: readonly ReaderView[] }>({ topic: 'readers', stream });
  const reader = data?.readers.find(({ kind, caller }) => kind === 'mapping' && caller === uuid);
  if (reader === undefined) return null;
  return (
    <p class="small">
      {reader.ageMs === 0
        ? 'At the tail'
        : `${duration(reader.ageMs)} behind, ${number(reader.behindRecords)} records`}{' '}
      in {reader.shards.length} {reader.shards.length === 1 ? 'shard' : 'shards'}
    </p>
  );
}

function Blocked({
  mapping: { uuid, functionName, stream = '', bisects, failureDestination },
  blockage,
  perform,
}: {
  readonly mapping: MappingRow;
  readonly blockage: Blockage;
  readonly perform: ((action: Action) => void) | undefined;
}) {
  const { shardId, failures, reason, records, from } = blockage;
  return (
    <div class="note bad">
      <div class="row">
        <span class="grow">
          <b>Shard {shardNumber(shardId)} stands still:</b> {failures}{' '}
          {failures === 1 ? 'attempt' : 'attempts'} failed on {number(records)}{' '}
          {records === 1 ? 'record' : 'records'}. {reason}
        </span>
        {from !== undefined && (
          <a
            class="button"
            href={linkTo(['streams', stream, 'records'], {
              from: 'sequence',
              at: from,
              r: `${shardId}:${from}`,
            })}
          >
            {records === 1 ? 'Show the record' : 'Show the first record'}
          </a>
        )}
        {perform !== undefined && records > 1 && !bisects && (
          <button type="button" onClick={() => perform(actions.bisectMapping(uuid, functionName))}>
            Bisect …
          </button>
        )}
        {perform !== undefined && (
          <button
            type="button"
            onClick={() => perform(actions.skipBatch(uuid, functionName, shardId, records))}
          >
            Skip …
          </button>
        )}
      </div>
      <p class="small">
        The records after {records === 1 ? 'it' : 'them'} wait.{' '}
        {records > 1 &&
          (bisects
            ? 'They are being bisected, until those are found that fail. '
            : 'One of them may be the cause: bisect to find it. ')}
        {failureDestination === undefined
          ? 'Skipped records stay in the stream: this mapping has no failure destination.'
          : `A report on skipped records goes to ${failureDestination.split(':').at(-1)}.`}
      </p>
      <FunctionLog name={functionName} turn={failures} />
    </div>
  );
}

/** Asks for the position and the shard. */
function Rewind({ mapping, close }: { readonly mapping: MappingRow; readonly close: () => void }) {
  const [place, setPlace] = useState<'TRIM_HORIZON' | 'LATEST' | 'time'>('TRIM_HORIZON');
  const [time, setTime] = useState('');
  const [shard, setShard] = useState('');
  const { data } = useLive<{ readonly shardIds: readonly string[] }>({
    topic: 'stream',
    stream: mapping.stream ?? '',
  });
  const timeMs = Date.parse(timeZone.value === 'UTC' ? `${time}Z` : time) || 0;
  const position = place === 'time' ? { timeMs } : place;
  return (
    <Perform
      action={actions.rewindMapping(mapping.uuid, mapping.functionName, position, shard)}
      close={close}
    >
      <label class="field">
        To
        <select
          value={place}
          // One of the values below.
          onChange={(event) => setPlace(event.currentTarget.value as typeof place)}
        >
          <option value="TRIM_HORIZON">the oldest record</option>
          <option value="LATEST">the newest record</option>
          <option value="time">a time</option>
        </select>
      </label>
      {place === 'time' && (
        <label class="field">
          Time ({zoneName()})
          <input
            type="datetime-local"
            step="1"
            required
            value={time}
            onInput={(event) => setTime(event.currentTarget.value)}
          />
        </label>
      )}
      <label class="field">
        In
        <select value={shard} onChange={(event) => setShard(event.currentTarget.value)}>
          <option value="">all shards</option>
          {(data?.shardIds ?? []).map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
    </Perform>
  );
}
