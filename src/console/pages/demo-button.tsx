import { useState } from 'preact/hooks';
import { DEMO_STREAM } from '../../support/demo-things.ts';
import { actions } from './actions/index.ts';
import { call, session } from './api.ts';
import { clearDemo, demo, startDemo, stopDemo } from './demo.ts';
import { go, linkTo } from './router.ts';
import { ActionDialog, Problem, useCall } from './ui.tsx';

/** Starts and stops made-up orders. */
export function DemoButton() {
  const [isAsking, setAsking] = useState(false);
  if (session.value?.mode !== 'on') return null;
  const { isRunning, problem } = demo.value;
  const { title, verb, says, commands } = actions.startDemo();
  return (
    <>
      <Problem text={problem} />
      {isRunning ? (
        <button type="button" onClick={() => stopDemo()}>
          Stop the demo data
        </button>
      ) : (
        <button type="button" onClick={() => setAsking(true)}>
          Start demo data …
        </button>
      )}
      {isAsking && (
        <ActionDialog
          title={title}
          verb={verb}
          commands={commands}
          run={startDemo}
          close={(isDone) => {
            setAsking(false);
            if (isDone) go(linkTo(['streams', DEMO_STREAM]));
          }}
        >
          <p>{says}</p>
        </ActionDialog>
      )}
    </>
  );
}

function findDemo(): Promise<object> {
  return call('kinesis', 'DescribeStreamSummary', { StreamName: DEMO_STREAM });
}

/** Removes all that the demo has made, whoever has started it. */
export function RemoveDemoButton() {
  const [isAsking, setAsking] = useState(false);
  const { data } = useCall(findDemo, [demo.value.isRunning]);
  const [isGone, setGone] = useState(false);
  if (session.value?.mode !== 'on' || data === undefined || isGone) return null;
  const { title, verb, says, confirm = '', commands } = actions.clearDemo();
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Remove demo data …
      </button>
      {isAsking && (
        <ActionDialog
          title={title}
          verb={verb}
          commands={commands}
          confirm={confirm}
          isDangerous
          run={clearDemo}
          close={(isDone) => {
            setAsking(false);
            setGone(isDone);
          }}
        >
          <p class="note warn">{says}</p>
        </ActionDialog>
      )}
    </>
  );
}
