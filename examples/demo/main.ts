import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { CreateEventSourceMappingCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnServer, type ServerProcess } from '../../test/support/server-process.ts';
import { clients, createListLog, linesOf, printedBy, recordsOf, type Aws } from './aws.ts';
import { openMailbox } from './mailbox.ts';
import { tell, tick, title } from './terminal.ts';

const stream = 'log-sample-stream';
const bucket = 'my-bucket-name';
const key = 'log.txt';
const producers = 100;

/** `npm run demo`: the whole story, on a server of its own with an empty folder. */
async function main(): Promise<void> {
  const config = fileURLToPath(new URL('nagare.yaml', import.meta.url));
  await using server = await spawnServer({ args: ['--config', config, '--log-level', 'error'] });
  const aws = clients(server.endpoint);
  tell(`nagare is at ${server.endpoint}, with an empty folder`);
  const mailbox = await openMailbox();
  try {
    await setUp(aws, server.endpoint, mailbox.url);
    await produce(aws);
    await follow(aws, server);
    await check(aws);
    await alarm(mailbox.notification);
  } finally {
    mailbox.close();
  }
  title('Try next');
  tell('  npm start -- --config examples/nagare.yaml    a server with all of this declared');
  tell(
    '  npx node examples/fire.ts                     100 producers, in a second terminal after the two exports',
  );
  tell('  aws s3 cp s3://my-bucket-name/log.txt -       the log');
}

async function setUp(aws: Aws, endpoint: string, url: string): Promise<void> {
  title('A stream, its handler, its log, and an alarm');
  await aws.kinesis.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 1 }));
  tick(`stream ${stream}`);
  await aws.lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
      FunctionName: 'print-batches',
      StartingPosition: 'TRIM_HORIZON',
    }),
  );
  tick('the function print-batches is called with what comes');
  await createListLog(endpoint, { ListLogName: 'demo', Stream: stream, Bucket: bucket, Key: key });
  tick(`s3://${bucket}/${key} gets a line for each record`);
  const { TopicArn } = await aws.sns.send(new CreateTopicCommand({ Name: 'busy' }));
  if (TopicArn === undefined) throw new Error('the topic has no ARN');
  await aws.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
  await aws.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'busy',
      Namespace: 'AWS/Kinesis',
      MetricName: 'IncomingRecords',
      Dimensions: [{ Name: 'StreamName', Value: stream }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TopicArn],
    }),
  );
  tick('more than 10 records a minute raise an alarm, which tells a topic');
}

async function produce(aws: Aws): Promise<void> {
  title(`${producers} producers at once`);
  const answers = await Promise.all(
    Array.from({ length: producers }, (_, message) =>
      aws.lambda.send(
        new InvokeCommand({
          FunctionName: 'log-sample',
          InvocationType: 'Event',
          Payload: new TextEncoder().encode(JSON.stringify({ message })),
        }),
      ),
    ),
  );
  tick(
    `${answers.filter(({ StatusCode }) => StatusCode === 202).length} invocations accepted, each now on disk`,
  );
}

/** Shows batches and lines as they come; kills the server when a part of them is there. */
async function follow(aws: Aws, server: ServerProcess): Promise<void> {
  let lines = 0;
  let shown = 0;
  let printed = 0;
  let killed = false;
  while (lines < producers) {
    const now = (await linesOf(aws, bucket, key)).length;
    const news = await printedBy(aws, 'print-batches', printed);
    printed += news.length;
    for (const text of news.filter((line) => line.includes('a batch of'))) {
      tell(`    handler  ${text.slice(text.indexOf('a batch of')).trim()}`);
    }
    if (now >= shown + 10 || (now === producers && now > shown)) {
      tell(`    log.txt  ${'#'.repeat(Math.ceil(now / 2)).padEnd(producers / 2)} ${now} lines`);
      shown = now;
    }
    lines = now;
    if (!killed && lines >= 10) {
      killed = true;
      await killAndRestart(server);
    }
    await sleep(20);
  }
  if (!killed) throw new Error('all lines were there before the server could be killed');
}

async function killAndRestart(server: ServerProcess): Promise<void> {
  title('kill -9, in the middle of it');
  await server.kill();
  tick('the server is gone');
  const began = performance.now();
  await server.start();
  tick(`it is back after ${Math.round(performance.now() - began)} ms, and goes on where it was`);
}

async function check(aws: Aws): Promise<void> {
  title('Is the log complete?');
  const logged = (await linesOf(aws, bucket, key)).map((line) =>
    Number(line.slice(line.lastIndexOf(',') + 1)),
  );
  const put = (await recordsOf(aws, stream)).map((text) => (JSON.parse(text) as { message: number }).message);
  const lost = Array.from({ length: producers }, (_, message) => message).filter(
    (message) => !logged.includes(message),
  );
  const twice = logged.filter((message, index) => logged.indexOf(message) !== index);
  const inOrder = logged.every((message, index) => message === put[index]);
  if (logged.length !== producers || lost.length > 0 || twice.length > 0 || !inOrder) {
    throw new Error(
      `${logged.length} lines; lost: ${lost.join(' ') || 'none'}; twice: ${twice.join(' ') || 'none'}; in order: ${inOrder}`,
    );
  }
  tick(`${producers} lines, none lost, none twice, in the order of the stream`);
}

async function alarm(notification: Promise<string>): Promise<void> {
  title('The alarm');
  const late = sleep(30_000, undefined, { ref: false }).then(() => {
    throw new Error('no notification came within 30 seconds');
  });
  tick(`notification: ${await Promise.race([notification, late])}`);
}

await main();
