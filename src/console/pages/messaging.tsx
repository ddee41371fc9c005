import { useState } from 'preact/hooks';
import type { AttemptView, MessagingView, QueueRow, TopicRow } from '../messaging.ts';
import { firstSteps } from './actions/first-steps.ts';
import { actions } from './actions/index.ts';
import { session } from './api.ts';
import { DeadLetters } from './dead-letters.tsx';
import { dateTime, duration, inert, number } from './format.ts';
import { randomId } from './random-id.ts';
import { DataTable, Empty, FirstSteps, Loading, Perform, Problem, Tag, useLive } from './ui.tsx';

type Request =
  | { readonly kind: 'send' | 'redrive' | 'purge'; readonly queue: QueueRow }
  | { readonly kind: 'publish'; readonly topic: TopicRow };
type Act = ((action: Request) => void) | undefined;

export function Messaging() {
  const { data, problem } = useLive<MessagingView>({ topic: 'messaging' });
  const [action, setAction] = useState<Request>();
  const [letters, setLetters] = useState<QueueRow>();
  const act = session.value?.mode === 'on' ? setAction : undefined;
  return (
    <>
      <div class="head">
        <h1>Topics and queues</h1>
      </div>
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : (
        <div class="stack">
          {data.isDenied && <p class="note warn">Your key may list neither topics nor queues.</p>}
          <section class="panel flush" aria-labelledby="queues">
            <h2 id="queues">Queues</h2>
            {data.queues.length === 0 ? (
              <Empty>
                <p>There are no queues yet.</p>
                <FirstSteps commands={firstSteps.queue()} />
              </Empty>
            ) : (
              <Queues queues={data.queues} act={act} choose={setLetters} />
            )}
          </section>
          {letters !== undefined && (
            <DeadLetters key={letters.arn} queue={letters} close={() => setLetters(undefined)} />
          )}
          <section class="panel flush" aria-labelledby="topics">
            <h2 id="topics">Topics</h2>
            {data.topics.length === 0 ? (
              <Empty>
                <p>There are no topics yet.</p>
                <FirstSteps commands={firstSteps.topic()} />
              </Empty>
            ) : (
              <Topics topics={data.topics} act={act} />
            )}
          </section>
        </div>
      )}
      {action !== undefined && <MessagingDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Queues({
  queues,
  act,
  choose,
}: {
  readonly queues: readonly QueueRow[];
  readonly act: Act;
  readonly choose: (queue: QueueRow) => void;
}) {
  return (
    <DataTable
      label="Table of the queues"
      columns={[
        'Queue',
        { number: 'Waiting' },
        { number: 'Received' },
        { number: 'Delayed' },
        'Dead letters go to',
      ]}
      hasActions={act !== undefined}
    >
      {queues.map((queue) => (
        <tr key={queue.arn}>
          <td>
            <span class="row">
              <b>{queue.name}</b>
              {queue.isFifo && <Tag>fifo</Tag>}
              {hasLetters(queue) && <Tag tone={queue.visible > 0 ? 'bad' : ''}>dead letters</Tag>}
            </span>
          </td>
          <td class="num">{number(queue.visible)}</td>
          <td class="num">{number(queue.inFlight)}</td>
          <td class="num">{number(queue.delayed)}</td>
          <td>{queue.deadLetterQueue ?? <span class="muted">nowhere</span>}</td>
          {act !== undefined && (
            <td class="nowrap right">
              {hasLetters(queue) && (
                <button
                  type="button"
                  class="small"
                  disabled={queue.visible === 0}
                  onClick={() => choose(queue)}
                >
                  Choose …
                </button>
              )}{' '}
              {queue.isDeadLetterQueue && (
                <button
                  type="button"
                  class="small"
                  disabled={queue.visible === 0}
                  onClick={() => act({ kind: 'redrive', queue })}
                >
                  Redrive …
                </button>
              )}{' '}
              <button type="button" class="small" onClick={() => act({ kind: 'send', queue })}>
                Send …
              </button>{' '}
              <button type="button" class="small" onClick={() => act({ kind: 'purge', queue })}>
                Purge …
              </button>
            </td>
          )}
        </tr>
      ))}
    </DataTable>
  );
}

function hasLetters({ isDeadLetterQueue, isFailureDestination }: QueueRow): boolean {
  return isDeadLetterQueue || isFailureDestination;
}

function Topics({ topics, act }: { readonly topics: readonly TopicRow[]; readonly act: Act }) {
  return (
    <DataTable
      label="Table of the topics"
      columns={['Topic', 'Subscriptions']}
      hasActions={act !== undefined}
    >
      {topics.map((topic) => (
        <tr key={topic.arn}>
          <td>
            <b>{topic.name}</b>
          </td>
          <td>
            {topic.subscriptions.length === 0 && (
              <span class="muted">none: what is published is dropped</span>
            )}
            {topic.subscriptions.map(({ protocol, endpoint, isConfirmed, attempts }) => (
              <div key={`${protocol}${endpoint}`} class="small">
                <div class="row">
                  <Tag>{protocol}</Tag> <span class="mono">{inert(endpoint)}</span>
                  {!isConfirmed && <Tag tone="warn">not confirmed</Tag>}
                </div>
                <Attempts attempts={attempts} />
              </div>
            ))}
          </td>
          {act !== undefined && (
            <td class="right">
              <button type="button" class="small" onClick={() => act({ kind: 'publish', topic })}>
                Publish …
              </button>
            </td>
          )}
        </tr>
      ))}
    </DataTable>
  );
}

/** The last attempts at deliveries to a subscription; the others can be opened. */
function Attempts({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  const [last, ...others] = attempts;
  if (last === undefined) return <p class="muted">nothing delivered since the server started</p>;
  return (
    <>
      <AttemptLine attempt={last} />
      {others.length > 0 && (
        <details>
          <summary>{others.length === 1 ? 'the one before' : `the ${others.length} before`}</summary>
          {others.map((attempt, at) => (
            <AttemptLine key={at} attempt={attempt} />
          ))}
        </details>
      )}
    </>
  );
}

const OUTCOMES = {
  Delivered: ['good', 'delivered'],
  Retrying: ['warn', 'failed, tried again'],
  GivenUp: ['bad', 'given up'],
} as const;

function AttemptLine({
  attempt: { timeMs, durationMs, outcome, status, reason },
}: {
  readonly attempt: AttemptView;
}) {
  const [tone, word] = OUTCOMES[outcome];
  const facts = [
    dateTime(timeMs).slice(0, 19),
    `took ${duration(durationMs)}`,
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(reason === undefined ? [] : [inert(reason)]),
  ];
  return (
    <div class="row">
      <Tag tone={tone}>{word}</Tag> <span>{facts.join(' · ')}</span>
    </div>
  );
}

function MessagingDialog({ action, close }: { readonly action: Request; readonly close: () => void }) {
  if (action.kind === 'publish') return <Publish topic={action.topic} close={close} />;
  const { kind, queue } = action;
  if (kind === 'send') return <Send queue={queue} close={close} />;
  const all = queue.visible + queue.inFlight + queue.delayed;
  return (
    <Perform
      action={
        kind === 'redrive' ? actions.redriveQueue(queue, queue.visible) : actions.purgeQueue(queue, all)
      }
      close={close}
    />
  );
}

function Send({ queue, close }: { readonly queue: QueueRow; readonly close: () => void }) {
  const [body, setBody] = useState('test');
  const [group, setGroup] = useState('console');
  const [id] = useState(() => randomId());
  const fifo = queue.isFifo ? { group, id } : undefined;
  return (
    <Perform action={actions.sendMessage(queue, body, fifo)} close={close}>
      <label class="field">
        Body
        <textarea
          required
          value={body}
          spellcheck={false}
          onInput={(event) => setBody(event.currentTarget.value)}
        />
      </label>
      {queue.isFifo && (
        <label class="field">
          Group
          <input required value={group} onInput={(event) => setGroup(event.currentTarget.value)} />
        </label>
      )}
    </Perform>
  );
}

function Publish({ topic, close }: { readonly topic: TopicRow; readonly close: () => void }) {
  const [message, setMessage] = useState('test');
  return (
    <Perform action={actions.publish(topic.arn, message, topic.subscriptions.length)} close={close}>
      <label class="field">
        Message
        <textarea
          required
          value={message}
          spellcheck={false}
          onInput={(event) => setMessage(event.currentTarget.value)}
        />
      </label>
    </Perform>
  );
}
