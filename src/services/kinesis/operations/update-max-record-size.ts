import type { UpdateMaxRecordSizeInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';

/** Sets the maximum record size, 1 to 10 MiB; larger stored records stay readable. */
export const updateMaxRecordSize: Handler<UpdateMaxRecordSizeInput, void> = async ({ streams }, input) => {
  const stream = streams.resolve(input);
  await streams.change(stream, (row) => ({ ...row, maxRecordSizeKiB: input.MaxRecordSizeInKiB }), {
    updating: true,
  });
};
