import type { StreamWriter } from '../../../consumers/stream-writer.ts';
import type { Kinesis } from '../context.ts';
import { shardRateExceeded } from '../errors.ts';
import { checkEntry } from './checks.ts';
import { countPut } from './metrics.ts';
import { putRecords } from './put.ts';

export function streamWriter(kinesis: Kinesis): StreamWriter {
  return {
    async put(StreamName, records) {
      const stream = kinesis.streams.resolveForData({ StreamName });
      const entries = records.map(({ partitionKey, data }) => {
        return checkEntry(stream, partitionKey, undefined, data, '');
      });
      const caller = { invocationId: undefined, signal: new AbortController().signal };
      const places = await putRecords(kinesis, stream, entries, caller);
      countPut(stream, entries, places);
      const refused = places.find(({ sequenceNumber }) => sequenceNumber === undefined);
      if (refused !== undefined) throw shardRateExceeded(refused.shard.id, stream.name, kinesis.accountId);
    },
  };
}
