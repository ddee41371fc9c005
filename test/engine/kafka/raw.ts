import type { TestContext } from 'node:test';
import { Connection } from '../../../src/engine/kafka/connection.ts';
import { fetchRecords } from '../../../src/engine/kafka/messages/fetch.ts';
import { produce, type ProduceResponse } from '../../../src/engine/kafka/messages/produce.ts';
import { readBatches, type StoredRecord } from '../../../src/engine/kafka/record-batch.ts';
import type { Address } from '../../../src/engine/kafka/socket.ts';
import { systemClock } from '../../../src/support/clock.ts';

export interface RawClient {
  produce(batch: readonly Uint8Array[]): Promise<ProduceResponse>;
  fetch(offset: number): Promise<StoredRecord[]>;
}

/** Sends single requests to one broker, as a process does that knows nothing of the log's rules. */
export async function rawClient(t: TestContext, address: Address, topic: string): Promise<RawClient> {
  const connection = await Connection.open(address, {}, systemClock);
  t.after(() => connection.close());
  return {
    produce: (batch) => connection.call(produce, { topic, batch, timeoutMs: 10_000 }),
    fetch: async (offset) => {
      const request = { topic, offset, bytesMax: 1024 * 1024, waitMs: 0 };
      return await readBatches((await connection.call(fetchRecords, request)).records, offset);
    },
  };
}
