/** The HTTP edge and the protocols alone: PutRecord and PutRecords that do nothing but answer. */
import { createAdmission } from '../../src/auth/admission.ts';
import { listen } from '../../src/http/server.ts';
import kinesis from '../../src/services/kinesis/api.json' with { type: 'json' };
import { createDispatcher } from '../../src/protocol/dispatch.ts';
import type { Service } from '../../src/protocol/service.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

const admit = createAdmission({ host: '127.0.0.1', allowedHosts: [], corsOrigins: [] });

const result = {
  ShardId: 'shardId-000000000000',
  SequenceNumber: '49600000000000000000000000000000000000000000000000000000',
};

const service: Service = {
  name: 'kinesis',
  model: kinesis,
  bodyLimitBytes: 20 * 1024 * 1024,
  operation(name) {
    if (name === 'PutRecord') return () => result;
    if (name !== 'PutRecords') return { unsupported: 'this measures the edge' };
    return ({ Records }: { Records: readonly unknown[] }) => ({
      FailedRecordCount: 0,
      Records: Records.map(() => result),
    });
  },
};

const { port } = await listen({
  host: '127.0.0.1',
  port: 0,
  log: silentLog,
  handler: createDispatcher({
    admit,
    services: [service],
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    clock: systemClock,
  }),
});
process.stdout.write(`http://127.0.0.1:${port} ready\n`);
