import { useState } from 'preact/hooks';
import { actions } from './actions/index.ts';
import { Perform } from './ui.tsx';

export function PutRecord({
  stream,
  close,
  initial,
}: {
  readonly stream: string;
  readonly close: () => void;
  readonly initial?: { readonly partitionKey: string; readonly data: string };
}) {
  const [partitionKey, setKey] = useState(initial?.partitionKey ?? 'test');
  const [data, setData] = useState(initial?.data ?? '{\n  "hello": "world"\n}');
  return (
    <Perform action={actions.putRecord(stream, partitionKey, data)} close={close}>
      <label class="field">
        Partition key
        <input
          required
          maxLength={256}
          value={partitionKey}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Data
        <textarea value={data} spellcheck={false} onInput={(event) => setData(event.currentTarget.value)} />
      </label>
    </Perform>
  );
}
