import type { UpdateStreamRecordDistributionStrategyInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';

/** Distributes records evenly (AUTO) or by their partition keys, from the next put on. */
export const updateStreamRecordDistributionStrategy: Handler<
  UpdateStreamRecordDistributionStrategyInput,
  void
> = async ({ streams }, input) => {
  const stream = streams.resolve(input);
  const distribution = input.RecordDistributionStrategy;
  await streams.change(stream, (row) => {
    if (row.mode === 'PROVISIONED' && distribution === 'AUTO') {
      throw invalidArgument('RecordDistributionStrategy is only supported for streams in ON_DEMAND mode.');
    }
    return { ...row, distribution };
  });
};
