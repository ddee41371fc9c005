import { useState } from 'preact/hooks';
import { actions } from './actions/index.ts';
import { call } from './api.ts';
import { textOfBase64 } from './base64.ts';
import { inert } from './format.ts';
import { ActionDialog, Tag } from './ui.tsx';

interface Invoked {
  readonly FunctionError?: string;
  readonly Payload?: string;
  readonly LogResult?: string;
}

/** Stays open after the invocation, and shows its result. */
export function InvokeFunction({ name, close }: { readonly name: string; readonly close: () => void }) {
  const [event, setEvent] = useState('{}');
  const [result, setResult] = useState<Invoked>();
  const { title, verb, commands, call: request } = actions.invokeFunction(name, event);
  return (
    <ActionDialog
      title={title}
      verb={result === undefined ? verb : 'Invoke again'}
      staysOpen
      commands={commands}
      run={async () => setResult(await call<Invoked>(...request))}
      close={close}
    >
      <label class="field">
        Event
        <textarea
          value={event}
          spellcheck={false}
          onInput={(change) => setEvent(change.currentTarget.value)}
        />
      </label>
      {result !== undefined && (
        <>
          <Tag tone={result.FunctionError === undefined ? 'good' : 'bad'}>
            {result.FunctionError === undefined ? 'returned' : `failed: ${result.FunctionError}`}
          </Tag>
          <pre class="block payload" tabIndex={0} aria-label="Result">
            {inert(textOfBase64(result.Payload ?? ''))}
          </pre>
          {result.LogResult !== undefined && (
            <pre class="block payload small" tabIndex={0} aria-label="Log">
              {inert(textOfBase64(result.LogResult))}
            </pre>
          )}
        </>
      )}
    </ActionDialog>
  );
}
