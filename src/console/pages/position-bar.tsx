import { useLayoutEffect, useState } from 'preact/hooks';
import { dateTime, timeZone, zoneName } from './format.ts';
import { route, setQuery } from './router.ts';
import type { TailModel, TailQuery } from './tail-model.ts';
import { Icon } from './ui.tsx';

type Query = Readonly<Record<string, string>>;

export function queryOf(stream: string, { from = 'latest', at = '', shards = '', q = '' }: Query): TailQuery {
  const common = { stream, filter: q, shards: shards === '' ? [] : shards.split(',') };
  if (from === 'time' && Number.isFinite(Date.parse(at)))
    return { ...common, from: { timeMs: Date.parse(at) } };
  if (from === 'sequence' && at !== '') return { ...common, from: { sequenceNumber: at } };
  return { ...common, from: from === 'oldest' ? 'oldest' : 'latest' };
}

const POSITIONS = [
  ['latest', 'Live'],
  ['oldest', 'Oldest'],
  ['time', 'Time'],
  ['sequence', 'Sequence number'],
] as const;

export function PositionBar({
  model,
  shardIds,
}: {
  readonly model: TailModel;
  readonly shardIds: readonly string[];
}) {
  const { from = 'latest', at = '', shards = '', q = '' } = route.value.query;
  const [place, setPlace] = useState(from);
  const [text, setText] = useState('');
  const [filter, setFilter] = useState(q);
  // Another address may have been opened: by a link, or by going back. Before the next key: what is typed meanwhile stays.
  useLayoutEffect(() => {
    setPlace(from);
    setText(from === 'time' ? localOf(at) : at);
  }, [from, at]);
  useLayoutEffect(() => setFilter(q), [q]);
  const isPaused = model.isPaused.value;
  const choose = (next: string): void => {
    setPlace(next);
    setText('');
    if (next === 'latest' || next === 'oldest')
      setQuery({ from: next === 'latest' ? undefined : next, at: undefined, r: undefined });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const position =
      place === 'time' || place === 'sequence'
        ? { from: place, at: place === 'time' ? isoOf(text) : text.trim() }
        : {};
    setQuery({ ...position, q: filter.trim(), r: undefined });
  };
  return (
    <form class="row" onSubmit={submit}>
      <span class="seg" role="group" aria-label="Position">
        {POSITIONS.map(([id, title]) => (
          <button key={id} type="button" aria-pressed={place === id} onClick={() => choose(id)}>
            {title}
          </button>
        ))}
      </span>
      {place === 'time' && (
        <input
          type="datetime-local"
          step="1"
          required
          aria-label={`Time (${zoneName()})`}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      {place === 'sequence' && (
        <input
          class="mono grow"
          required
          pattern="\d+"
          aria-label="Sequence number"
          placeholder="4964…"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      {shardIds.length > 1 && (
        <select
          aria-label="Shards"
          value={shards}
          onChange={(event) => setQuery({ shards: event.currentTarget.value, r: undefined })}
        >
          <option value="">All {shardIds.length} shards</option>
          {shardIds.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      )}
      <input
        class="grow"
        type="search"
        data-search
        aria-label="Filter"
        placeholder='Filter, such as  error  or  key == "a" and $.user.id > 5'
        title="Words are searched for. Fields: key, shard, size, time, text, $.path. Operators: == != > < >= <= ~ and or not ( )"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      <button type="submit">Apply</button>
      {model.isLive && (
        <button
          type="button"
          class={isPaused ? 'primary' : ''}
          onClick={() => (isPaused ? model.resume() : model.pause())}
          title="Space"
        >
          {isPaused ? 'Resume' : 'Pause'}
        </button>
      )}
      {model.isLive && (
        <span class={`tag ${isPaused ? 'warn' : 'good live'}`}>
          {isPaused ? <Icon name="bad" size={10} /> : <span class="dot" aria-hidden="true" />}
          {isPaused ? 'paused' : 'live'}
        </span>
      )}
    </form>
  );
}

/** What the field holds is a time in the chosen zone. */
function isoOf(text: string): string {
  return new Date(timeZone.value === 'UTC' ? `${text}Z` : text).toISOString();
}

/** The other way round; empty for anything but a time. */
function localOf(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isFinite(ms) ? dateTime(ms).slice(0, 19).replace(' ', 'T') : '';
}
