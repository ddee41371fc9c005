import { call, callRest, type RunningServer } from '../api.ts';
import { readContexts } from '../connect/contexts.ts';
import { channelsOf } from '../channel.ts';
import { bucketNames, objectNames } from '../objects/names.ts';
import { topicArns, topicNameIn } from '../topics/sns.ts';
import { cliLimits } from '../limits.ts';
import { shardsOf, streamsOf } from '../stream/kinesis.ts';
import type { Terminal } from '../terminal.ts';
import type { NameKind } from './candidates.ts';

interface Wanted {
  readonly kind: NameKind;
  /** The arguments before. */
  readonly given: readonly string[];
  readonly typed: string;
}

interface Context {
  readonly server: () => Promise<RunningServer>;
  readonly terminal: Terminal;
}

/** Names of a kind. Never rejects: without a server, and after a second, there are none. */
export async function liveNames(wanted: Wanted, context: Context): Promise<readonly string[]> {
  const late = Promise.withResolvers<string[]>();
  const timer = setTimeout(() => late.resolve([]), cliLimits.completionMs);
  try {
    return await Promise.race([namesOf(wanted, context), late.promise]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

async function namesOf({ kind, given, typed }: Wanted, { server, terminal }: Context): Promise<string[]> {
  if (kind === 'context') return Object.keys((await readContexts(terminal.environment)).contexts);
  const at = await server();
  switch (kind) {
    case 'stream': {
      const names: string[] = [];
      for await (const { StreamName = '' } of streamsOf(at)) names.push(StreamName);
      return names;
    }
    case 'shard':
      return given[0] === undefined ? [] : (await shardsOf(at, given[0])).map(({ ShardId = '' }) => ShardId);
    case 'function':
      return listed(
        callRest(at, { service: 'lambda', method: 'GET', path: '/2015-03-31/functions/' }),
        'Functions',
        'FunctionName',
      );
    case 'mapping':
      return listed(
        callRest(at, { service: 'lambda', method: 'GET', path: '/2015-03-31/event-source-mappings' }),
        'EventSourceMappings',
        'UUID',
      );
    case 'delivery':
      return listed(call(at, 'firehose', 'Firehose_20150804.ListDeliveryStreams', {}), 'DeliveryStreamNames');
    case 'list-log':
      return listed(
        call(at, 'listlog', 'NagareListLog_20261101.ListListLogs', {}),
        'ListLogs',
        'ListLogName',
      );
    case 'channel': {
      const names: string[] = [];
      for await (const { ChannelName = '' } of channelsOf(at)) names.push(ChannelName);
      return names;
    }
    case 'bucket':
      return bucketNames(at, typed);
    case 'object':
      return objectNames(at, typed);
    case 'topic': {
      const names: string[] = [];
      for await (const arn of topicArns(at)) names.push(topicNameIn(arn));
      return names;
    }
    case 'queue': {
      const urls = await listed(call(at, 'sqs', 'AmazonSQS.ListQueues', {}), 'QueueUrls');
      return urls.map((url) => url.slice(url.lastIndexOf('/') + 1));
    }
    case 'alarm':
      return listed(
        call(at, 'monitoring', 'GraniteServiceVersion20100801.DescribeAlarms', {}),
        'MetricAlarms',
        'AlarmName',
      );
  }
}

/** The first page is enough for a person. */
async function listed(page: Promise<unknown>, member: string, name?: string): Promise<string[]> {
  // Answers of operations whose form is known.
  const items = ((await page) as Readonly<Record<string, readonly unknown[] | undefined>>)[member] ?? [];
  if (name === undefined) return items.map(String);
  return items.map((item) => String((item as Readonly<Record<string, unknown>>)[name]));
}
