import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientEnvironment, clientOptions } from '../../support/client.ts';
import { type ForkedTools, startForkedTools } from '../../support/forked-tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runTool } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { timesHandledAgain } from './handled-again.ts';
import type { Inbox } from './inbox.ts';
import { topicWithInbox } from './topic.ts';

const seeds = fileURLToPath(new URL('../../clients/seeds', import.meta.url));
const examples = fileURLToPath(new URL('../../../examples', import.meta.url));

/** These are the names in the programs. */
export const REGION = 'ap-northeast-1';
const BUCKET = 'my-bucket-name';
const STREAM = 'log-sample-stream';
const INVOCATIONS = 100;
const PUTS = 11;
const BATCH = 100;
/** Invocations of a function that are in progress at once. */
const AT_ONCE = Math.max(8, 4 * availableParallelism());

/**
 * The published programs (test/clients/seeds), unchanged, and those of examples/, which do the same and recognize what
 * comes again.
 */
export class Programs {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #kinesis: KinesisClient;
  readonly #lambda: LambdaClient;
  readonly #s3: S3Client;
  readonly #alarms: Inbox;
  #fired = 0;
  #firing: Promise<unknown> = Promise.resolve();

  private constructor(parts: {
    readonly folder: string;
    readonly tools: ForkedTools;
    readonly alarms: Inbox;
    readonly endpoint: string;
    readonly objectsAt: string;
  }) {
    const { folder, tools, endpoint } = parts;
    this.#folder = folder;
    this.#alarms = parts.alarms;
    this.#environment = {
      ...clientEnvironment(endpoint),
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_CONFIG_FILE: join(folder, '.aws', 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, '.aws', 'credentials'),
      PATH: tools.path,
    };
    const options = { ...clientOptions(endpoint), region: REGION };
    this.#kinesis = new KinesisClient(options);
    this.#lambda = new LambdaClient(options);
    this.#s3 = new S3Client({ ...clientOptions(parts.objectsAt), forcePathStyle: true });
  }

  static async start(
    t: TestContext,
    places: { readonly endpoint: string; readonly objectsAt: string; readonly folder: string },
  ): Promise<Programs> {
    const { endpoint } = places;
    const tools = await startForkedTools();
    t.after(() => tools.close());
    const { inbox: alarms } = await topicWithInbox(endpoint, 'sample');
    const programs = new Programs({ ...places, tools, alarms });
    // Their consumer reads the log before it writes it.
    await programs.#s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'log.txt', Body: Buffer.alloc(0) }));
    await programs.#run('bash', 'commands.sh');
    return programs;
  }

  #run(program: string, script: string): Promise<string> {
    return runTool(program, [script], { cwd: this.#folder, env: this.#environment });
  }

  /** Resolves when the first of the invocations have run. */
  async fire({ byCli }: { readonly byCli: boolean }): Promise<void> {
    const before = (await this.#messages()).length;
    const numbers = Array.from({ length: INVOCATIONS }, (_, n) => n);
    this.#firing = Promise.all([
      // A hundred processes of the AWS CLI.
      byCli ? this.#run(process.execPath, 'fire.js') : this.#invokeEach('log-sample', numbers),
      this.#put(),
      this.#invokeEach(
        'log-example',
        numbers.map((n) => `example ${n}`),
      ),
    ]);
    // Awaited by `fired`.
    this.#firing.catch(() => undefined);
    this.#fired++;
    await until(async () => (await this.#messages()).length >= before + INVOCATIONS / 2, {
      what: 'the functions run',
      pauseMs: 200,
      withinMs: 60_000,
    });
  }

  /** All of them are accepted. */
  async fired(): Promise<void> {
    await this.#firing;
  }

  async #put(): Promise<void> {
    await Promise.all(Array.from({ length: PUTS }, () => this.#run('python3', 'put.py')));
  }

  /** Ten at once. */
  async #invokeEach(FunctionName: string, messages: readonly (string | number)[]): Promise<void> {
    const rest = messages.values();
    const invoke = async (): Promise<void> => {
      for (const message of rest) {
        const Payload = JSON.stringify({ message });
        await this.#lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
      }
    };
    await Promise.all(Array.from({ length: 10 }, invoke));
  }

  async #messages(): Promise<string[]> {
    const datas = await recordsOf(this.#kinesis, STREAM);
    return datas.map((data) => String((JSON.parse(data) as { message: unknown }).message));
  }

  /**
   * The producer of examples/ puts each message once. The published one has no ids: of the invocations that are in progress
   * when their owner is replaced, each may put its message again, once by its SDK's retry and once by its repeat. The
   * consumer of examples/ and the list log write what is in the stream; the published one writes again what it had
   * written when its owner was killed.
   */
  async check(takeovers: number): Promise<string> {
    const expected = Array.from({ length: INVOCATIONS * this.#fired }, (_, n) => n % INVOCATIONS);
    const stream = await until(
      async () => {
        const found = await this.#messages();
        const [seed, example] = [found.filter((one) => !isOfExample(one)), found.filter(isOfExample)];
        const isThere = [seed, example].every((messages) => messages.length >= expected.length);
        return isThere && found;
      },
      { what: 'all messages are in the stream', pauseMs: 500, withinMs: 100_000 },
    );
    const counts = Map.groupBy(stream, (message) => message);
    for (let n = 0; n < INVOCATIONS; n++) {
      assert.equal(counts.get(`example ${n}`)?.length, this.#fired, `example ${n}`);
      const times = counts.get(String(n))?.length ?? 0;
      assert(times >= this.#fired, `message ${n} is in the stream ${times} times`);
    }
    assert.equal(counts.size, 2 * INVOCATIONS);
    const repeats = stream.length - 2 * expected.length;
    assert(repeats <= 2 * AT_ONCE * takeovers, `${repeats} messages are in the stream again`);
    for (const key of ['list-log.txt', 'log-by-handler.txt'])
      assert.deepEqual(await this.#linesOf(key, (lines) => lines.length >= stream.length), stream, key);
    const handled = await this.#linesOf('log.txt', (lines) => isWhole(lines, stream));
    const again = timesHandledAgain(handled, stream, BATCH);
    assert(again <= takeovers, `the published consumer has handled ${again} batches again`);
    await this.#checkAlarm();
    for (const client of [this.#kinesis, this.#lambda, this.#s3]) client.destroy();
    return `${stream.length} messages, ${repeats} put again, ${handled.length - stream.length} lines again`;
  }

  /** Each put is there once, and the alarm has told its topic. */
  async #checkAlarm(): Promise<void> {
    const isTold = async (): Promise<boolean> => {
      await this.#alarms.take();
      return this.#alarms.bodies.some((body) => body.includes('"NewStateValue":"ALARM"'));
    };
    let rounds = this.#fired;
    assert.equal((await recordsOf(this.#kinesis, 'sample')).length, PUTS * rounds);
    // A round may fall into two minutes, or lose its counters with its owner.
    while (!(await isTold())) {
      assert(rounds++ < this.#fired + 5, 'the alarm has told its topic');
      await this.#put();
      await until(isTold, { withinMs: 10_000 }).catch(() => undefined);
    }
  }

  async #linesOf(key: string, isWhole: (lines: string[]) => boolean): Promise<string[]> {
    return await until(
      async () => {
        const lines = (await this.#textOf(key)).split('\n').slice(0, -1);
        const messages = lines.map((line) => line.slice(line.lastIndexOf(',') + 1));
        return isWhole(messages) && messages;
      },
      { what: `the lines of ${key}`, pauseMs: 200, withinMs: 60_000 },
    );
  }

  async #textOf(key: string): Promise<string> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      if (error instanceof NoSuchKey) return '';
      throw error;
    }
  }
}

function isOfExample(message: string): boolean {
  return message.startsWith('example ');
}

function isWhole(lines: readonly string[], stream: readonly string[]): boolean {
  if (lines.length < stream.length) return false;
  try {
    timesHandledAgain(lines, stream, BATCH);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

/** In order. */
async function recordsOf(kinesis: KinesisClient, StreamName: string): Promise<string[]> {
  const from = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const found: string[] = [];
  for (;;) {
    const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    if (Records.length === 0) return found;
    for (const { Data = [] } of Records) found.push(Buffer.from(Data).toString());
    ShardIterator = NextShardIterator;
  }
}

/** A folder with the published programs, and what they find in a user's home. */
export async function programFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(seeds, folder, { recursive: true });
  await mkdir(join(folder, '.aws'));
  await writeFile(
    join(folder, '.aws', 'credentials'),
    '[my-profile]\naws_access_key_id = test\naws_secret_access_key = test\n',
  );
  await writeFile(join(folder, '.aws', 'config'), `[profile my-profile]\nregion = ${REGION}\n`);
  return folder;
}

/** What `nagare.yaml` has for them. */
export function declaredPrograms(folder: string) {
  const eventSources = [{ stream: STREAM, batchSize: BATCH }];
  return {
    streams: { [STREAM]: {} },
    buckets: [BUCKET],
    functions: {
      'log-sample': { path: join(folder, 'producer.ts'), timeout: 60 },
      consumer: { path: join(folder, 'consumer.ts'), timeout: 60, eventSources },
      'log-example': { path: join(examples, 'producer.ts'), timeout: 60 },
      'log-consumer': {
        path: join(examples, 'consumer.ts'),
        timeout: 60,
        environment: { BUCKET, KEY: 'log-by-handler.txt' },
        eventSources: [{ stream: STREAM, batchSize: 10 }],
      },
    },
    listLogs: {
      'log-sample': {
        stream: STREAM,
        bucket: BUCKET,
        key: 'list-log.txt',
        format: '{time:yyyy/MM/dd HH:mm:ss.SSS},{message}',
      },
    },
  };
}
