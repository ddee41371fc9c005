/**
 * kill -9 again and again of a server whose durable queues are busy with all their users: notifications of a topic,
 * asynchronous invocations, actions of an alarm, reports on records that a mapping gave up. What was acknowledged is
 * delivered, after however many lives, and within one life of the server no more than once: only an attempt that a
 * kill interrupted is made again. At the end nothing is left in the queues. Repeat a failed run with its SEED; KILLS
 * is their number.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import type { QueueRow } from '../../src/queue/durable-queue.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { notificationOf, type Post, Subscriber } from '../services/sns/subscriber.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { clientOptions, spawnServer, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['KILLS'] ?? 10);
/** At least. */
const CALLS_OF_A_LIFE = 4;
const STREAM = 'failing';
const ALARM = 'alarm';
/** The reason of a change that may take no action. */
const UNCOUNTED = 'the state before is not known';
const queues = ['sns.deliveries', 'lambda.events', 'cloudwatch.alarm-actions', 'lambda.failure-reports'];

test(`${kills} times kill -9 while all users of the queue are at work: each is served, and not twice`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const subscriber = await Subscriber.listen();
  t.after(() => subscriber.close());
  const server = await spawnServer({
    args: ['--config', await configuration(subscriber.url), '--function-isolation', 'off'],
  });
  t.after(() => server.close());
  const work = new Work(server.endpoint);
  t.after(() => work.close());
  await work.setUp(subscriber);
  const lives: Life[] = [];
  const endLife = async (): Promise<void> => {
    // Functions of the killed server may still have had their say.
    await until(() => subscriber.isUnconnected());
    lives.push({ posts: subscriber.posts.length, endMs: Date.now() });
  };
  for (let kill = 1; kill <= kills; kill++) {
    const killed = new AbortController();
    const working = work.run(killed.signal);
    // However slow the machine is, each life has accepted some work when it ends.
    const enough = work.acknowledged.size + CALLS_OF_A_LIFE;
    await Promise.race([
      working,
      until(() => work.acknowledged.size >= enough, { withinMs: 60_000, what: 'calls are acknowledged' }),
    ]);
    await Promise.race([working, sleep(random() * 700)]);
    killed.abort();
    await server.kill();
    await working;
    await endLife();
    // Some are killed while they start.
    const starting = server.start();
    if (random() >= 0.2) await starting;
    else {
      await Promise.race([starting.catch(() => {}), sleep(random() * 400)]);
      await server.kill();
      await starting.catch(() => {});
      await endLife();
      await server.start();
    }
  }
  const { acknowledged } = work;
  await until(() => missing(acknowledged, work.records, subscriber.posts).length === 0, {
    withinMs: 120_000,
    what: 'all that was acknowledged is delivered',
  }).catch((error: unknown) => {
    const lost = missing(acknowledged, work.records, subscriber.posts);
    throw new Error(`never delivered: ${lost.join(', ')}`, { cause: error });
  });
  assert.equal(await server.stop('SIGTERM'), 0, server.errorOutput);
  await endLife();
  assert.deepEqual(twiceInALife(subscriber.posts, lives), []);
  await checkFolder(join(server.dataDir, 'engine'));
  t.diagnostic(`${acknowledged.size} calls, ${subscriber.posts.length} posts`);
});

/** A life of the server: how many posts there were at its end, and when that was. */
interface Life {
  readonly posts: number;
  readonly endMs: number;
}

/** A function that tells of each invocation, and one that fails. */
async function configuration(url: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, 'invoked.mjs'),
    `export const handler = (event) => fetch(${JSON.stringify(url)}, { method: 'POST', body: event.id });`,
  );
  await writeFile(
    join(folder, 'failing.mjs'),
    'export const handler = async () => { throw new Error("no"); };',
  );
  const file = join(folder, 'nagare.yaml');
  await writeFile(
    file,
    `streams:\n  ${STREAM}: { shardCount: 1 }\n` +
      'functions:\n  invoked: { path: invoked.mjs }\n  failing: { path: failing.mjs }\n',
  );
  return file;
}

/** The calls of all users, and which of them were acknowledged. */
class Work {
  readonly acknowledged = new Set<string>();
  /** The sequence numbers of acknowledged records. */
  readonly records = new Map<string, bigint>();
  readonly #sns: SNSClient;
  readonly #lambda: LambdaClient;
  readonly #cloudWatch: CloudWatchClient;
  readonly #kinesis: KinesisClient;
  readonly #topics: Record<string, string> = {};
  #next = 0;

  constructor(endpoint: string) {
    const options = { ...clientOptions(endpoint), maxAttempts: 1 };
    this.#sns = new SNSClient(options);
    this.#lambda = new LambdaClient(options);
    this.#cloudWatch = new CloudWatchClient(options);
    this.#kinesis = new KinesisClient(options);
  }

  async setUp(subscriber: Subscriber): Promise<void> {
    for (const name of ['notified', 'alarmed', 'reported']) {
      const { TopicArn = '' } = await this.#sns.send(new CreateTopicCommand({ Name: name }));
      await this.#sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: subscriber.url }));
      this.#topics[name] = TopicArn;
    }
    await subscriber.until('SubscriptionConfirmation', 3);
    await this.#cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: ALARM,
        Namespace: 'App',
        MetricName: 'NeverCounted',
        Statistic: 'Sum',
        Period: 60,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        TreatMissingData: 'ignore',
        AlarmActions: [this.#topics['alarmed'] ?? ''],
        OKActions: [this.#topics['alarmed'] ?? ''],
      }),
    );
    await this.#lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'failing',
        EventSourceArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
        StartingPosition: 'TRIM_HORIZON',
        MaximumRetryAttempts: 0,
        BatchSize: 10,
        DestinationConfig: { OnFailure: { Destination: this.#topics['reported'] ?? '' } },
      }),
    );
  }

  /** Until the server is killed. */
  async run(killed: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat(killed, 'message', (Message) =>
        this.#sns.send(new PublishCommand({ TopicArn: this.#topics['notified'], Message })),
      ),
      this.#repeat(killed, 'event', (id) =>
        this.#lambda.send(
          new InvokeCommand({
            FunctionName: 'invoked',
            InvocationType: 'Event',
            Payload: JSON.stringify({ id }),
          }),
        ),
      ),
      this.#repeat(killed, 'record', async (id) => {
        const { SequenceNumber = '0' } = await this.#kinesis.send(
          new PutRecordCommand({ StreamName: STREAM, PartitionKey: 'p', Data: Buffer.from(id) }),
        );
        this.records.set(id, BigInt(SequenceNumber));
      }),
      this.#changeAlarm(killed),
    ]);
  }

  close(): void {
    for (const client of [this.#sns, this.#lambda, this.#cloudWatch, this.#kinesis]) client.destroy();
  }

  async #repeat(killed: AbortSignal, kind: string, call: (id: string) => Promise<unknown>): Promise<void> {
    while (!killed.aborted) {
      const id = `${kind} ${this.#next++}`;
      try {
        await call(id);
      } catch (error) {
        if (killed.aborted) return;
        throw error;
      }
      this.acknowledged.add(id);
    }
  }

  /** A change to the state that the alarm has already takes no action, so the first one of a life is not counted. */
  async #changeAlarm(killed: AbortSignal): Promise<void> {
    let state: 'OK' | 'ALARM' = 'OK';
    const change = async (StateReason: string): Promise<void> => {
      const input = { AlarmName: ALARM, StateValue: state, StateReason };
      await this.#cloudWatch.send(new SetAlarmStateCommand(input));
    };
    await change(UNCOUNTED).catch((error: unknown) => {
      if (!killed.aborted) throw error;
    });
    await this.#repeat(killed, 'alarm', (reason) => {
      state = state === 'OK' ? 'ALARM' : 'OK';
      return change(reason);
    });
  }
}

/** What a post is about: the id of a call, or the range of a report. */
function subjectOf(post: Post): string | { readonly from: bigint; readonly to: bigint } | undefined {
  if (post.headers['x-amz-sns-message-type'] === undefined) return post.body;
  if (post.headers['x-amz-sns-message-type'] !== 'Notification') return undefined;
  const { TopicArn = '', Message = '' } = notificationOf(post);
  if (TopicArn.endsWith(':notified')) return Message;
  // What alarms and mappings send is JSON.
  const { NewStateReason, KinesisBatchInfo } = JSON.parse(Message) as {
    readonly NewStateReason?: string;
    readonly KinesisBatchInfo?: { readonly startSequenceNumber: string; readonly endSequenceNumber: string };
  };
  if (KinesisBatchInfo === undefined) return NewStateReason;
  const { startSequenceNumber, endSequenceNumber } = KinesisBatchInfo;
  return { from: BigInt(startSequenceNumber), to: BigInt(endSequenceNumber) };
}

function missing(
  acknowledged: ReadonlySet<string>,
  records: ReadonlyMap<string, bigint>,
  posts: readonly Post[],
): string[] {
  const subjects = posts.map(subjectOf);
  const told = new Set(subjects.filter((subject) => typeof subject === 'string'));
  const ranges = subjects.filter((subject) => typeof subject === 'object');
  return [...acknowledged].filter((id) => {
    const number = records.get(id);
    if (number === undefined) return !told.has(id);
    return !ranges.some(({ from, to }) => from <= number && number <= to);
  });
}

/**
 * What was done twice in one life: a delivery of the same message, or of the same event; or the publication of an
 * alarm's change (its action is of one queue, its notification of another one: each is at least once). A report is
 * made again when its batch is, as it is not part of the mapping's checkpoint.
 */
function twiceInALife(posts: readonly Post[], lives: readonly Life[]): string[] {
  const twice: string[] = [];
  const deliveries = new Set<string>();
  const publications = new Map<string, string>();
  for (const [index, post] of posts.entries()) {
    const subject = subjectOf(post);
    if (typeof subject !== 'string' || subject === UNCOUNTED) continue;
    const { MessageId, Timestamp = '' } =
      post.headers['x-amz-sns-message-type'] === undefined ? {} : notificationOf(post);
    const delivery = `${MessageId ?? subject}, life ${lives.findIndex(({ posts: end }) => index < end)}`;
    if (deliveries.has(delivery)) twice.push(`${subject} was delivered twice`);
    deliveries.add(delivery);
    if (MessageId === undefined) continue;
    const publication = `${subject}, life ${lives.findIndex(({ endMs }) => Date.parse(Timestamp) <= endMs)}`;
    const first = publications.get(publication) ?? MessageId;
    if (first !== MessageId) twice.push(`${subject} was published twice`);
    publications.set(publication, first);
  }
  return twice;
}

/** No damage, and no message is left. */
async function checkFolder(folder: string): Promise<void> {
  assert.deepEqual((await verifyEngine({ folder })).findings, []);
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const rows = engine.catalog.table<QueueRow>('queue.queues');
  for (const name of queues) {
    assert.equal(rows.get(name)?.waiting, 0, name);
    for await (const [key] of engine.tables.open(`queue.${name}`).entries()) assert.fail(`${name}: ${key}`);
    assert.deepEqual([...engine.catalog.table(`queue.${name}.blocks`).entries()], [], name);
  }
  await engine.close();
}
