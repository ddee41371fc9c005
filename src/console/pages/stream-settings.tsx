import { useState } from 'preact/hooks';
import { type Action, actions } from './actions/index.ts';
import { Perform } from './ui.tsx';

const HOUR_MS = 3_600_000;
const HOURS_MAX = 8760;

const WHAT = [
  ['retention', 'How long records are kept'],
  ['shards', 'The number of shards'],
  ['mode', 'Who chooses the number of shards'],
] as const;

/** A stream as it is set now. */
export interface StreamSettingsNow {
  readonly name: string;
  readonly arn: string;
  readonly mode: string;
  readonly retentionMs: number;
  readonly openShards: number;
}

/** One change at a time: each is a call of its own, with its own consequence. */
export function StreamSettings({
  stream,
  close,
}: {
  readonly stream: StreamSettingsNow;
  readonly close: () => void;
}) {
  const [what, setWhat] = useState<(typeof WHAT)[number][0]>('retention');
  const [hours, setHours] = useState(String(stream.retentionMs / HOUR_MS));
  const [shards, setShards] = useState(String(stream.openShards));
  const isOnDemand = stream.mode === 'ON_DEMAND';
  const chooseable = WHAT.filter(([id]) => id !== 'shards' || !isOnDemand);
  return (
    <Perform action={actionOf(stream, what, Number(hours), Number(shards))} close={close}>
      <label class="field">
        Change
        <select
          value={what}
          // One of the values above.
          onChange={(event) => setWhat(event.currentTarget.value as typeof what)}
        >
          {chooseable.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {what === 'retention' && (
        <label class="field">
          Hours
          <input
            type="number"
            min="24"
            max={HOURS_MAX}
            required
            value={hours}
            onInput={(event) => setHours(event.currentTarget.value)}
          />
          <small>
            24 to {HOURS_MAX} (a year); now {stream.retentionMs / HOUR_MS}
          </small>
        </label>
      )}
      {what === 'shards' && (
        <label class="field">
          Shards
          <input
            type="number"
            min="1"
            required
            value={shards}
            onInput={(event) => setShards(event.currentTarget.value)}
          />
          <small>Up to twice as many and down to half as many at once; now {stream.openShards}</small>
        </label>
      )}
    </Perform>
  );
}

function actionOf(
  { name, arn, mode, retentionMs }: StreamSettingsNow,
  what: (typeof WHAT)[number][0],
  hours: number,
  shards: number,
): Action {
  switch (what) {
    case 'retention':
      return hours * HOUR_MS < retentionMs
        ? actions.shortenRetention(name, hours)
        : actions.extendRetention(name, hours);
    case 'shards':
      return actions.scaleStream(name, shards);
    case 'mode':
      return actions.changeMode(name, arn, mode === 'ON_DEMAND' ? 'PROVISIONED' : 'ON_DEMAND');
  }
}
