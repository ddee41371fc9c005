import type {
  UpdateStreamWarmThroughputInput,
  UpdateStreamWarmThroughputOutput,
} from '@aws-sdk/client-kinesis';
import { requireCommitment } from '../streams/account-settings.ts';
import type { Handler } from '../context.ts';
import { validation } from '../errors.ts';
import { describeWarmThroughput } from '../streams/warm-throughput.ts';

/**
 * Sets the warm throughput of an on-demand stream. It has no effect, because a stream of nagare accepts any throughput.
 */
export const updateStreamWarmThroughput: Handler<
  UpdateStreamWarmThroughputInput,
  UpdateStreamWarmThroughputOutput
> = async (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  requireCommitment(kinesis);
  await kinesis.streams.change(
    stream,
    (row) => {
      if (row.mode === 'PROVISIONED') {
        throw validation(`Stream ${stream.name} is in PROVISIONED mode, which has no warm throughput.`);
      }
      return { ...row, warmThroughputMiBps: input.WarmThroughputMiBps };
    },
    { updating: true },
  );
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    WarmThroughput: describeWarmThroughput(stream.row),
  };
};
