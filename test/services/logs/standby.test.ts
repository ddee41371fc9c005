import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { diskOf, openStore } from '../../../src/engine/embedded/open.ts';
import { TaggedResources } from '../../../src/aws/tagged-resources.ts';
import { readOnly } from '../../../src/engine/read-only-engine.ts';
import { listen } from '../../../src/http/server.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { createDispatcher } from '../../../src/protocol/dispatch.ts';
import type { Service } from '../../../src/protocol/service.ts';
import { openLogs } from '../../../src/services/logs/logs.ts';
import { openAtStandby } from '../../../src/services/logs/standby.ts';
import type { StandbyContext } from '../../../src/services/registration.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { unfenced } from '../../../src/support/fence.ts';
import { silentLog } from '../../../src/support/log.ts';
import { Random } from '../../engine/simulation/random.ts';
import { admit } from '../../support/admission.ts';
import { clientOptions } from '../../support/client.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';

const common = { region: 'us-east-1', accountId: '000000000000', log: silentLog };

/** CloudWatch Logs of an owner, and of a standby that has everything that the owner has committed. */
async function both(context: TestContext) {
  const folder = await temporaryFolder();
  const clock = new ManualClock(Date.now());
  const options = { folder: join(folder, 'engine'), clock, log: silentLog };
  const { engine, watch } = await openStore(await diskOf(options), options, undefined);
  const given = { ...common, clock, metrics: new MetricRegistry(), fence: unfenced };
  const owner = await openLogs({ ...given, engine, sharesLog: true, folder });
  const standby = openAtStandby({
    ...given,
    engine: readOnly(engine),
    watch,
    taggedResources: new TaggedResources(),
  } as Partial<StandbyContext> as StandbyContext);
  const closes: (() => Promise<void>)[] = [];
  const clientOf = async (service: Service | undefined): Promise<CloudWatchLogsClient> => {
    const services = service === undefined ? [] : [service];
    const handler = createDispatcher({ ...common, admit, services, clock });
    const server = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog });
    const client = new CloudWatchLogsClient({
      ...clientOptions(`http://127.0.0.1:${server.port}`),
      maxAttempts: 1,
    });
    closes.push(async () => {
      client.destroy();
      await server.close();
    });
    return client;
  };
  context.after(async () => {
    for (const close of closes) await close();
    await standby.close?.();
    await owner.close();
    await engine.close();
    await removeFolder(folder);
  });
  return { clock, owner: await clientOf(owner.service), standby: await clientOf(standby.service) };
}

/** What both answer, without what is another one in each response. */
async function answer(client: CloudWatchLogsClient, logGroupName: string): Promise<unknown> {
  const [groups, streams, events] = await Promise.all([
    client.send(new DescribeLogGroupsCommand({})),
    client.send(new DescribeLogStreamsCommand({ logGroupName })),
    client.send(new FilterLogEventsCommand({ logGroupName })),
  ]);
  const answers = [groups.logGroups, streams.logStreams, events.events];
  const [first] = streams.logStreams ?? [];
  if (first?.firstEventTimestamp === undefined) return answers;
  const { logStreamName } = first;
  const page = await client.send(new GetLogEventsCommand({ logGroupName, logStreamName, limit: 3 }));
  return [...answers, page.events, page.nextBackwardToken];
}

test('a standby has the log groups, streams and events that the owner has, after each of many changes', async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  context.diagnostic(`seed ${seed}`);
  const random = new Random(seed);
  const { clock, owner, standby } = await both(context);
  const logGroupName = '/g';
  const logStreamName = () => `s${random.below(3)}`;
  const put = () =>
    owner.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName: logStreamName(),
        logEvents: [
          {
            timestamp: clock.now() - random.below(1000),
            // Some fill a segment.
            message: 'x'.repeat(1 + random.below(random.below(4) === 0 ? 900_000 : 100)),
          },
        ],
      }),
    );
  const changes = [
    put,
    put,
    put,
    () => owner.send(new CreateLogStreamCommand({ logGroupName, logStreamName: logStreamName() })),
    () => owner.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: logStreamName() })),
    async () => {
      if (random.below(4) > 0) return;
      await owner.send(new DeleteLogGroupCommand({ logGroupName }));
      await owner.send(new CreateLogGroupCommand({ logGroupName }));
    },
  ];
  await owner.send(new CreateLogGroupCommand({ logGroupName }));
  for (let step = 0; step < 50; step++) {
    clock.advance(1);
    // Some are refused: a stream is not there, or there already.
    await random
      .pick(changes)()
      .catch(() => undefined);
    if (random.below(3) > 0) continue;
    assert.deepEqual(await answer(standby, logGroupName), await answer(owner, logGroupName), `step ${step}`);
  }
});
