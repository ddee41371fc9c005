import { useState } from 'preact/hooks';
import { actions } from './actions/index.ts';
import { download } from './api.ts';
import { ActionDialog } from './ui.tsx';

/** Asks what the archive for a maintainer may show, and gives it as a file. */
export function SupportButton() {
  const [isOpen, setOpen] = useState(false);
  const [hidesNames, setHidesNames] = useState(false);
  const { title, verb, says, commands, call } = actions.downloadSupport(hidesNames);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Support archive …
      </button>
      {isOpen && (
        <ActionDialog
          title={title}
          verb={verb}
          commands={commands}
          run={() => download(...call)}
          close={() => setOpen(false)}
        >
          <p>{says}</p>
          <label>
            <input
              type="checkbox"
              checked={hidesNames}
              onChange={(event) => setHidesNames(event.currentTarget.checked)}
            />{' '}
            Replace names of streams, functions and others by hashes
          </label>
        </ActionDialog>
      )}
    </>
  );
}
