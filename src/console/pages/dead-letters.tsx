import { useEffect, useRef, useState } from 'preact/hooks';
import {
  describeBatch,
  discardedBatchIn,
  eventOfBatch,
  failureOf,
  recordsOfBatch,
} from '../../decode/discarded-batch.ts';
import type { QueueRow } from '../messaging.ts';
import { actions } from './actions/index.ts';
import { call, post } from './api.ts';
import { textOfBase64 } from './base64.ts';
import { dateTime, inert, number } from './format.ts';
import { ActionDialog, DataTable, Empty, Loading, messageOf, Problem } from './ui.tsx';

const LETTERS_MAX = 50;
const RECEIVED_AT_ONCE = 10;
const TAKEN_SECONDS = 300;
const BODY_CHARACTERS_MAX = 300;

interface Letter {
  readonly id: string;
  readonly handle: string;
  readonly body: string;
  readonly sentMs: number;
  readonly receives: number;
}

interface Received {
  readonly Messages?: readonly {
    readonly MessageId: string;
    readonly ReceiptHandle: string;
    readonly Body: string;
    readonly Attributes?: { readonly SentTimestamp?: string; readonly ApproximateReceiveCount?: string };
  }[];
}

/** Messages of a dead-letter queue, to choose from. They are taken, and given back when this is closed. */
export function DeadLetters({ queue, close }: { readonly queue: QueueRow; readonly close: () => void }) {
  const [letters, setLetters] = useState<readonly Letter[]>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const taken = useRef<readonly Letter[]>([]);
  useEffect(() => {
    let isGone = false;
    take(queue.url).then(
      (found) => {
        if (isGone) return giveBack(queue.url, found);
        taken.current = found;
        return setLetters(found);
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
    const end = (): void => {
      isGone = true;
      giveBack(queue.url, taken.current);
      taken.current = [];
    };
    addEventListener('pagehide', end);
    return () => {
      removeEventListener('pagehide', end);
      end();
    };
  }, [queue.url]);
  const leave = ({ id }: Letter): void => {
    taken.current = taken.current.filter((letter) => letter.id !== id);
    setLetters(taken.current);
    setChosen((last) => new Set([...last].filter((one) => one !== id)));
  };
  const toggle = (id: string): void =>
    setChosen((last) => new Set(last.has(id) ? [...last].filter((one) => one !== id) : [...last, id]));
  return (
    <section class="panel stack" aria-labelledby="dead-letters">
      <div class="row">
        <h2 id="dead-letters" class="grow flat">
          Messages of {queue.name}
        </h2>
        <button
          type="button"
          disabled={letters === undefined || letters.length === 0}
          onClick={() => setChosen(new Set(letters?.map(({ id }) => id)))}
        >
          Choose all
        </button>
        <button type="button" class="primary" disabled={chosen.size === 0} onClick={() => setAsking(true)}>
          Redrive {number(chosen.size)} …
        </button>
        <button type="button" class="quiet" aria-label="Close the messages" onClick={close}>
          ✕
        </button>
      </div>
      <Problem text={problem} />
      {letters === undefined ? (
        problem === undefined && <Loading />
      ) : letters.length === 0 ? (
        <Empty>
          <p>No message can be received now.</p>
        </Empty>
      ) : (
        <LetterTable letters={letters} chosen={chosen} toggle={toggle} />
      )}
      <p class="muted small">
        Up to {LETTERS_MAX} messages. They are hidden from other receivers until you close this, for five
        minutes at most, and count as received once more.
      </p>
      {isAsking && letters !== undefined && (
        <Redrive
          queue={queue}
          letters={letters.filter(({ id }) => chosen.has(id))}
          leave={leave}
          close={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function LetterTable({
  letters,
  chosen,
  toggle,
}: {
  readonly letters: readonly Letter[];
  readonly chosen: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}) {
  return (
    <DataTable label="Table of the messages" columns={['Message', 'What', 'Sent', { number: 'Received' }]}>
      {letters.map(({ id, body, sentMs, receives }) => {
        const batch = discardedBatchIn(body);
        return (
          <tr key={id} aria-selected={chosen.has(id) ? 'true' : undefined}>
            <td class="nowrap">
              <label>
                <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />{' '}
                <span class="mono">{id.slice(0, 8)}</span>
              </label>
            </td>
            <td class="wrap">
              {batch === undefined ? (
                <span class="mono">{inert(body.slice(0, BODY_CHARACTERS_MAX))}</span>
              ) : (
                inert(describeBatch(batch))
              )}
            </td>
            <td class="mono nowrap">{dateTime(sentMs).slice(0, 19)}</td>
            <td class="num">{number(receives)}</td>
          </tr>
        );
      })}
    </DataTable>
  );
}

function Redrive({
  queue,
  letters,
  leave,
  close,
}: {
  readonly queue: QueueRow;
  readonly letters: readonly Letter[];
  readonly leave: (letter: Letter) => void;
  readonly close: () => void;
}) {
  // As they were when this was opened: those that are done leave the list.
  const [all] = useState(letters);
  const [done, setDone] = useState(0);
  const { title, verb, says, commands } = actions.redriveMessages(queue, all);
  const run = async (): Promise<void> => {
    const failures: string[] = [];
    for (const letter of letters) {
      const failure = await redrive(queue, letter).catch(messageOf);
      if (failure === undefined) leave(letter);
      else failures.push(`${letter.id.slice(0, 8)}: ${failure}`);
      setDone((last) => last + 1);
    }
    if (failures.length > 0) throw new Error(failures.join('\n'));
  };
  return (
    <ActionDialog title={title} verb={verb} commands={commands} run={run} close={close}>
      <p>{says}</p>
      {done > 0 && (
        <p role="status" class="small">
          {number(done)} of {number(all.length)} done
        </p>
      )}
    </ActionDialog>
  );
}

/** Returns why it was not redriven. */
async function redrive(queue: QueueRow, letter: Letter): Promise<string | undefined> {
  const batch = discardedBatchIn(letter.body);
  if (batch === undefined) {
    const { Failed: [failed] = [] } = await call<{ Failed?: readonly { readonly Message?: string }[] }>(
      ...actions.redriveMessages(queue, [letter]).call,
    );
    return failed && (failed.Message ?? 'It was not moved.');
  }
  const records = await recordsOfBatch(batch, (operation, input) => call('kinesis', operation, input));
  if (records === undefined) return 'its records are not in the stream any more';
  const action = actions.redriveBatch(queue, letter.id, batch.functionArn, eventOfBatch(batch, records));
  const { FunctionError, Payload = '' } = await call<{
    readonly FunctionError?: string;
    readonly Payload?: string;
  }>(...action.call);
  const failure = failureOf(FunctionError, textOfBase64(Payload));
  if (failure !== undefined) return failure;
  await call('sqs', 'DeleteMessage', { QueueUrl: queue.url, ReceiptHandle: letter.handle });
  return undefined;
}

async function take(QueueUrl: string): Promise<Letter[]> {
  const letters: Letter[] = [];
  while (letters.length < LETTERS_MAX) {
    const { Messages = [] } = await call<Received>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: RECEIVED_AT_ONCE,
      VisibilityTimeout: TAKEN_SECONDS,
      MessageSystemAttributeNames: ['All'],
    });
    if (Messages.length === 0) break;
    for (const { MessageId, ReceiptHandle, Body, Attributes = {} } of Messages) {
      letters.push({
        id: MessageId,
        handle: ReceiptHandle,
        body: Body,
        sentMs: Number(Attributes.SentTimestamp ?? 0),
        receives: Number(Attributes.ApproximateReceiveCount ?? 0),
      });
    }
  }
  return letters;
}

/** Also when the page is left. What fails here is received again when its time is over. */
function giveBack(QueueUrl: string, letters: readonly Letter[]): void {
  for (let first = 0; first < letters.length; first += RECEIVED_AT_ONCE) {
    const Entries = letters
      .slice(first, first + RECEIVED_AT_ONCE)
      .map(({ handle }, at) => ({ Id: `m${at}`, ReceiptHandle: handle, VisibilityTimeout: 0 }));
    const request = { QueueUrl, Entries };
    post('call/sqs/ChangeMessageVisibilityBatch', request, { keepalive: true }).catch(() => undefined);
  }
}
