import type { Declarations } from '../../../config/declarations.ts';
import type { Declarer, DeclaredThing, PlanOptions, Resource } from '../../../declarations/plan.ts';
import type { Kinesis } from '../context.ts';
import { findChannel, planChannel } from './channels.ts';
import { findConsumer, planConsumer } from './consumers.ts';
import { describeStreams } from './description.ts';
import { streams } from './section.ts';
import { planStream } from './streams.ts';

/** Declares the streams of `nagare.yaml`, with their consumers and channels. */
export function streamDeclarer(kinesis: Kinesis): Declarer {
  return {
    plan: (declarations, options) => plan(kinesis, declarations, options),
    describe: () => describeStreams(kinesis),
    find: (resource) => find(kinesis, resource),
  };
}

function plan(kinesis: Kinesis, declarations: Declarations, { allowReshard }: PlanOptions): DeclaredThing[] {
  let shardsBefore = 0;
  return declarations.entries(streams).flatMap(({ name, path, value }) => {
    const stream: DeclaredThing = {
      resource: ['streams', name],
      path,
      check() {
        const { step, shardsAdded } = planStream(kinesis, name, value, { allowReshard, shardsBefore });
        shardsBefore += shardsAdded;
        return step;
      },
    };
    const consumers = (value.own.consumers ?? []).map((consumer, index) => ({
      resource: ['streams', name, 'consumers', consumer],
      path: `${path}.consumers.${index}`,
      check: () => planConsumer(kinesis, name, consumer),
    }));
    // Channels deliver to buckets, which exist by then.
    const channels = Object.entries(value.own.channels ?? {}).map(([channel, declared]) => ({
      resource: ['streams', name, 'channels', channel],
      path: `${path}.channels.${channel}`,
      readsStreams: true as const,
      check: () => planChannel(kinesis, name, channel, declared),
    }));
    return [stream, ...consumers, ...channels];
  });
}

function find(kinesis: Kinesis, [, name = '', part, partName = '']: Resource) {
  if (part === 'consumers') return findConsumer(kinesis, name, partName);
  if (part === 'channels') return findChannel(kinesis, name, partName);
  const stream = kinesis.streams.get(name);
  if (stream === undefined) return undefined;
  const remove = () =>
    kinesis.streams.delete(stream, (transaction) => kinesis.channels.refuseWithChannels(stream, transaction));
  return { remove };
}
