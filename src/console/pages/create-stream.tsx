import { useState } from 'preact/hooks';
import { actions } from './actions/index.ts';
import { go, linkTo } from './router.ts';
import { Perform } from './ui.tsx';

export function CreateStream({ close }: { readonly close: () => void }) {
  const [name, setName] = useState('');
  const [mode, setMode] = useState<'PROVISIONED' | 'ON_DEMAND'>('PROVISIONED');
  const [shards, setShards] = useState('1');
  return (
    <Perform
      action={actions.createStream(name, mode, Number(shards))}
      close={(isDone) => {
        close();
        if (isDone) go(linkTo(['streams', name]));
      }}
    >
      <label class="field">
        Name
        <input
          required
          pattern="[a-zA-Z0-9_.\-]+"
          maxLength={128}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <small>Letters, digits, and _ . -</small>
      </label>
      <label class="field">
        Mode
        <select
          value={mode}
          onChange={(event) =>
            setMode(event.currentTarget.value === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED')
          }
        >
          <option value="PROVISIONED">Provisioned: a fixed number of shards</option>
          <option value="ON_DEMAND">On demand: shards follow the traffic</option>
        </select>
      </label>
      {mode === 'PROVISIONED' && (
        <label class="field">
          Shards
          <input
            type="number"
            min="1"
            max="10000"
            required
            value={shards}
            onInput={(event) => setShards(event.currentTarget.value)}
          />
        </label>
      )}
    </Perform>
  );
}
