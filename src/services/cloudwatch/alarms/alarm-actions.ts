import { formatArn, parseArn, type RegionAndAccount } from '../../../aws/arn.ts';
import { isFinalFailure, type Targets } from '../../../aws/targets.ts';
import { cloudWatchLimits } from '../limits.ts';
import type { Transaction } from '../../../engine/catalog.ts';
import type { Engine } from '../../../engine/engine.ts';
import { DispatchedQueue } from '../../../queue/dispatched-queue.ts';
import type { Verdict } from '../../../queue/dispatcher.ts';
import type { DurableQueue } from '../../../queue/durable-queue.ts';
import type { OutgoingMessage, QueueMessage } from '../../../queue/message.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { TraceContext } from '../../../support/trace-context.ts';
import type { WorkSpans } from '../../../support/work-spans.ts';
import { actionsFor, type Alarm, type AlarmState } from './alarm.ts';
import { actionTaken, type AlarmHistory } from './alarm-history.ts';
import { invocationEvent, notificationMessage, notificationSubject } from './alarm-notification.ts';

/** What an action sends, and where. Its lane is the alarm's name. */
export interface AlarmAction {
  readonly arn: string;
  readonly subject: string;
  /** A JSON string. */
  readonly message: string;
  /** Of the request that has set the state, or of the change itself. */
  readonly trace?: TraceContext;
}

/** The kind of target that an ARN names; undefined when alarms do not support it. */
export function actionKind(arn: string): 'sns' | 'lambda' | undefined {
  const kind = parseArn(arn)?.service;
  return kind === 'sns' || kind === 'lambda' ? kind : undefined;
}

/** As whom CloudWatch acts. */
const serviceOf = { sns: 'cloudwatch.amazonaws.com', lambda: 'lambda.alarms.cloudwatch.amazonaws.com' };

export interface AlarmActionsOptions {
  readonly place: RegionAndAccount;
  readonly engine: Engine;
  readonly history: AlarmHistory;
  readonly targets: Targets;
  readonly spans: WorkSpans;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Executes the actions of alarms whose state changes. An action is a message in a durable queue, sent in the same
 * commit that stores the state; it is removed in the same commit in which the alarm's history records its result.
 */
export class AlarmActions {
  readonly #options: AlarmActionsOptions;
  readonly #queue: DispatchedQueue<AlarmAction>;

  private constructor(options: AlarmActionsOptions, queue: DispatchedQueue<AlarmAction>) {
    this.#options = options;
    this.#queue = queue;
  }

  static async open(options: AlarmActionsOptions): Promise<AlarmActions> {
    const { engine, clock, log } = options;
    const queue = await DispatchedQueue.open<AlarmAction>({
      engine,
      clock,
      log,
      name: 'cloudwatch.alarm-actions',
      noun: 'an alarm action',
      // `plan` enforces the limit: a state change must not fail because of its actions.
      waitingMax: Infinity,
      atOnceMax: cloudWatchLimits.alarmActionsAtOnceMax,
      atOncePerLaneMax: () => cloudWatchLimits.alarmActionsAtOnceMax,
      takeOver: (to) => takeOverActions(engine, to),
      attempt: (message) => attempt(options, message),
    });
    return new AlarmActions(options, queue);
  }

  /**
   * Sends the actions for the alarm's new state as part of a commit. Pass the result to `begin` after the commit.
   * `cause`: the trace of the request that has set the state, if one has.
   */
  plan(
    transaction: Transaction,
    alarm: Alarm,
    before: AlarmState,
    cause: TraceContext | undefined,
  ): QueueMessage<AlarmAction>[] {
    if (!alarm.actionsEnabled) return [];
    const { state } = alarm;
    const trace = cause ?? this.#options.spans.newTrace();
    const subject = notificationSubject(alarm, state);
    const messages: OutgoingMessage<AlarmAction>[] = [];
    for (const arn of actionsFor(alarm, state.value)) {
      const kind = actionKind(arn);
      if (kind === undefined) continue;
      if (this.#queue.waiting >= cloudWatchLimits.alarmActionsPendingMax) {
        this.#refuse(transaction, alarm.name, arn);
        continue;
      }
      const message =
        kind === 'sns'
          ? notificationMessage(alarm, state, before)
          : JSON.stringify(invocationEvent(alarm, state, before));
      messages.push({ to: [{ lane: alarm.name, head: { arn, subject, message, ...(trace && { trace }) } }] });
    }
    return messages.length === 0 ? [] : this.#queue.plan(transaction, messages);
  }

  /** Starts actions whose commit has become durable; returns immediately. */
  begin(actions: readonly QueueMessage<AlarmAction>[]): void {
    this.#queue.accept(actions);
  }

  /** Resumes the actions that an earlier run left; returns immediately. */
  start(): void {
    this.#queue.start();
  }

  /** Waits for attempts in progress; other actions are executed after the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
  }

  #refuse(transaction: Transaction, alarmName: string, arn: string): void {
    const { history, clock, log } = this.#options;
    const reason = 'too many alarm actions are waiting';
    log.error({ alarm: alarmName, action: arn }, `an alarm action failed: ${reason}`);
    history.add(transaction, actionTaken(alarmName, arn, clock.now(), reason));
  }
}

async function attempt(
  options: AlarmActionsOptions,
  { lane, head, attempts }: QueueMessage<AlarmAction>,
): Promise<Verdict> {
  const { arn, subject, message, trace } = head;
  try {
    const service = serviceOf[actionKind(arn) ?? 'sns'];
    const sourceArn = formatArn('cloudwatch', options.place, `alarm:${lane}`);
    await options.targets.deliver(arn, { subject, message, trace }, { service, sourceArn });
    return ended(options, lane, arn, undefined);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!isFinalFailure(error) && attempts + 1 < cloudWatchLimits.alarmActionAttemptsMax)
      return { type: 'failed', retryAfterMs: cloudWatchLimits.alarmActionRetryMs * 2 ** attempts };
    options.log.warn({ alarm: lane, action: arn, err: error }, 'an alarm action failed');
    return ended(options, lane, arn, text);
  }
}

function ended(
  { history, clock }: AlarmActionsOptions,
  alarmName: string,
  arn: string,
  error: string | undefined,
): Verdict {
  const item = actionTaken(alarmName, arn, clock.now(), error);
  return { type: 'settled', change: (transaction) => history.add(transaction, item) };
}

/** Moves the actions of versions without the durable queue, which were rows in the catalog. */
async function takeOverActions(engine: Engine, queue: DurableQueue<AlarmAction>): Promise<void> {
  const table = engine.catalog.table<AlarmAction & { alarmName: string }>('cloudwatch.alarm-actions');
  if (table.size === 0) return;
  const rows = Array.from(table.entries());
  const messages = rows.map(([, { alarmName: lane, arn, subject, message }]) => ({
    to: [{ lane, head: { arn, subject, message } }],
  }));
  await queue.takeOver(messages, (transaction) => {
    for (const [key] of rows) transaction.delete(table, key);
  });
}
