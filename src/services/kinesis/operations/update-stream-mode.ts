import type { UpdateStreamModeInput } from '@aws-sdk/client-kinesis';
import { requireCommitment } from '../streams/account-settings.ts';
import type { Handler } from '../context.ts';
import { validation } from '../errors.ts';
import { checkModeUpdates, checkOnDemandQuota } from '../throttle/quotas.ts';

/** Switches a stream between provisioned and on-demand. Its shards stay as they are. */
export const updateStreamMode: Handler<UpdateStreamModeInput, void> = async (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  const { WarmThroughputMiBps } = input;
  const mode = input.StreamModeDetails.StreamMode;
  if (WarmThroughputMiBps !== undefined) {
    if (mode === 'PROVISIONED') {
      throw validation('WarmThroughputMiBps is only supported for streams in ON_DEMAND mode.');
    }
    requireCommitment(kinesis);
  }
  const switches = mode !== stream.row.mode;
  if (switches && mode === 'ON_DEMAND') checkOnDemandQuota(kinesis);
  const countUpdate = switches ? checkModeUpdates(kinesis, stream) : undefined;
  await kinesis.streams.change(
    stream,
    ({ warmThroughputMiBps: before, ...row }, transaction) => {
      if (mode === 'PROVISIONED') kinesis.channels.refuseWithChannels(stream, transaction);
      // Both apply only to on-demand streams.
      if (mode === 'PROVISIONED') return { ...row, mode, distribution: 'USER_PARTITION_KEY' };
      const warmThroughputMiBps = WarmThroughputMiBps ?? before;
      return { ...row, mode, ...(warmThroughputMiBps !== undefined && { warmThroughputMiBps }) };
    },
    { updating: true },
  );
  countUpdate?.();
};
