/** What the server exports, read with OpenTelemetry's own definitions of its messages. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { startCollector } from '../support/collector.ts';
import { clientOptions, spawnServer, temporaryFolder } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

const script = fileURLToPath(new URL('otlp.py', import.meta.url));

for (const protocol of ['http/protobuf', 'http/json']) {
  test(`opentelemetry-proto reads metrics and spans without a field that it does not know (${protocol})`, async (t) => {
    if (!hasTools(t, 'python3')) return;
    await using collector = await startCollector();
    await using server = await spawnServer({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_TRACES_SAMPLER: 'always_on',
      },
    });
    const kinesis = new KinesisClient(clientOptions(server.endpoint));
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('a') }));
    kinesis.destroy();
    assert.equal(await server.stop('SIGTERM'), 0);

    const folder = await temporaryFolder();
    const ending = protocol === 'http/json' ? 'json' : 'bin';
    for (const [at, { path, body }] of collector.received.entries()) {
      await writeFile(join(folder, `${at}${path.replaceAll('/', '-')}.${ending}`), body);
    }
    const names = (await runTool('python3', [script, folder])).split('\n');
    for (const name of [
      'Kinesis/PutRecord',
      'nagare_kinesis_incoming_records',
      'nagare_kinesis_put_record_duration_seconds',
      'process_cpu_seconds',
    ]) {
      assert.ok(names.includes(name), name);
    }
  });
}
