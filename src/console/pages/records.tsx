import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { RecordRow } from '../record-row.ts';
import { bytes, duration, number } from './format.ts';
import { isTyping } from './keys.tsx';
import { PositionBar, queryOf } from './position-bar.tsx';
import { RecordDetail } from './record-detail.tsx';
import { RecordList } from './record-list.tsx';
import { route } from './router.ts';
import { select, type Selection, selectionOf } from './selection.ts';
import { TailModel } from './tail-model.ts';
import { Problem } from './ui.tsx';

export function Records({
  stream,
  shardIds,
}: {
  readonly stream: string;
  readonly shardIds: readonly string[];
}) {
  const { from, at, shards, q, r } = route.value.query;
  const model = useMemo(
    () => new TailModel(queryOf(stream, route.value.query)),
    [stream, from, at, shards, q],
  );
  useEffect(() => () => model.close(), [model]);
  const selected = selectionOf(r);
  useRecordKeys(model, selected);
  return (
    <div class="stack">
      <PositionBar model={model} shardIds={shardIds} />
      <Problem text={model.problem.value} />
      <div class={`records ${selected === undefined ? '' : 'open'}`}>
        <div class="panel flush">
          <RecordList model={model} selected={selected} />
          <Status model={model} />
        </div>
        {selected !== undefined && <RecordDetail stream={stream} shard={selected.shard} seq={selected.seq} />}
      </div>
    </div>
  );
}

function Status({ model }: { readonly model: TailModel }) {
  const { scanned, matched, bytes: read, elapsedMs, errors, skipped, done } = model.progress.value;
  const isFiltered = model.query.filter !== '';
  return (
    <div class="status" role="status">
      {isFiltered ? (
        <span>
          {number(matched)} of {number(scanned)} records match
        </span>
      ) : (
        <span>{number(scanned)} records</span>
      )}
      <span>{bytes(read)} read</span>
      {!model.isLive && <span>{duration(elapsedMs)}</span>}
      {errors > 0 && <span>{number(errors)} could not be compared</span>}
      {skipped > 0 && <b>{number(skipped)} skipped: more than the page can show</b>}
      {done === 'end' && <span>That is all there is.</span>}
      {done !== undefined && done !== 'end' && (
        <span class="row">
          Stopped at the limit of {LIMITS[done] ?? done}.
          <button type="button" class="small" onClick={() => model.more()}>
            Continue
          </button>
        </span>
      )}
      <span class="grow" />
      <span>
        Export as <ExportLink format="ndjson" text="NDJSON" model={model} /> or{' '}
        <ExportLink format="csv" text="CSV" model={model} />
      </span>
    </div>
  );
}

/** From the position to the newest record, with the same shards and filter. */
function ExportLink({
  format,
  text,
  model: { query },
}: {
  readonly format: string;
  readonly text: string;
  readonly model: TailModel;
}) {
  const { from: word = 'latest', at = '', shards = '' } = route.value.query;
  const from = word === 'time' || word === 'sequence' ? at : word;
  const { stream, filter } = query;
  const given = new URLSearchParams({ stream, format, from, shards, filter });
  return (
    <a href={`api/export?${given.toString()}`} download title="Up to 100,000 records, or 256 MiB">
      {text}
    </a>
  );
}

const LIMITS: Readonly<Record<string, string>> = {
  matches: '500 matches',
  bytes: '128 MiB',
  time: '5 seconds',
};

/** Space pauses; j and k go through the records. */
function useRecordKeys(model: TailModel, selected: Selection | undefined): void {
  const current = useRef({ model, selected });
  current.current = { model, selected };
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const { model, selected } = current.current;
      const isButton =
        event.target instanceof HTMLElement && event.target.matches('button, a, summary, dialog *');
      if (event.key === ' ' && !isButton) {
        event.preventDefault();
        if (model.isPaused.value) model.resume();
        else model.pause();
      } else if (event.key === 'Escape') select(undefined);
      else if (event.key === 'j' || event.key === 'k') move(model, selected, event.key === 'j' ? 1 : -1);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** Down the list is towards older records when the newest are on top. */
function move(model: TailModel, selected: Selection | undefined, down: 1 | -1): void {
  const rows = model.lines.filter((line): line is RecordRow => line.gap === undefined);
  const step = model.isLive ? -down : down;
  const at = rows.findIndex(({ seq }) => seq === selected?.seq);
  const next = at === -1 ? rows[model.isLive ? rows.length - 1 : 0] : rows[at + step];
  if (next !== undefined) select(next);
}
