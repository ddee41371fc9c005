import {
  type DiscardedBatch,
  eventOfBatch,
  failureOf,
  recordsOfBatch,
} from '../../decode/discarded-batch.ts';
import { AnsweredError, type RunningServer } from '../api.ts';
import { invoke } from '../functions/invoke.ts';
import { kinesis } from '../stream/kinesis.ts';

/** Invokes the function with the batch, as its mapping did. Returns why it failed; undefined if it did not. */
export async function replay(server: RunningServer, batch: DiscardedBatch): Promise<string | undefined> {
  const records = await recordsOfBatch(batch, (operation, input) => kinesis(server, operation, input));
  if (records === undefined) return 'its records are not in the stream any more';
  try {
    const payload = eventOfBatch(batch, records);
    const { error, result } = await invoke(server, { name: batch.functionArn, payload, isAsync: false });
    return failureOf(error, result);
  } catch (error) {
    if (error instanceof AnsweredError) return error.message;
    throw error;
  }
}
