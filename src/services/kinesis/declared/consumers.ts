import type { RegisterStreamConsumerInput } from '@aws-sdk/client-kinesis';
import type { PlanStep } from '../../../declarations/plan.ts';
import { formatArn } from '../../../aws/arn.ts';
import { ModelInput } from '../../../declarations/model-reader.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { Kinesis } from '../context.ts';
import { validation } from '../errors.ts';
import { deregisterStreamConsumer } from '../operations/deregister-stream-consumer.ts';
import { registerStreamConsumer } from '../operations/register-stream-consumer.ts';
import { consumersOf } from '../read/consumers.ts';
import { whenActive } from './streams.ts';

const consumerInput = new ModelInput<Checked<RegisterStreamConsumerInput>>(
  api,
  'RegisterStreamConsumerInput',
);

/** Registers a declared consumer. Throws the ServiceErrors of RegisterStreamConsumer. */
export function planConsumer(kinesis: Kinesis, streamName: string, name: string): PlanStep {
  const input = { StreamARN: formatArn('kinesis', kinesis, `stream/${streamName}`), ConsumerName: name };
  const violations = consumerInput.violations(input);
  if (violations !== undefined) throw validation(violations);
  if (findConsumer(kinesis, streamName, name) !== undefined)
    return { action: 'leave', apply: () => Promise.resolve() };
  return {
    action: 'create',
    async apply() {
      await whenActive(kinesis, kinesis.streams.resolve({ StreamName: streamName }));
      await registerStreamConsumer(kinesis, input);
    },
  };
}

export function findConsumer(kinesis: Kinesis, streamName: string, name: string) {
  const stream = kinesis.streams.get(streamName);
  const consumer = stream && consumersOf(kinesis, stream).find(({ row }) => row.name === name);
  if (consumer === undefined) return undefined;
  const remove = async () => await deregisterStreamConsumer(kinesis, { ConsumerARN: consumer.arn });
  return { remove };
}
