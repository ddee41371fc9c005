import type { DescribeStreamConsumerInput, DescribeStreamConsumerOutput } from '@aws-sdk/client-kinesis';
import { describeConsumer, resolveConsumer } from '../read/consumers.ts';
import type { ReadHandler } from '../context.ts';

/** Describes a registered consumer, named by its ARN or by its stream and name. */
export const describeStreamConsumer: ReadHandler<
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput
> = (kinesis, input) => {
  const consumer = resolveConsumer(kinesis, input);
  return { ConsumerDescription: { ...describeConsumer(consumer), StreamARN: consumer.stream.arn } };
};
