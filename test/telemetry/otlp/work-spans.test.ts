import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { telemetryLimits } from '../../../src/telemetry/limits.ts';
import { PutSpans } from '../../../src/telemetry/otlp/put-spans.ts';
import { Sampler } from '../../../src/telemetry/otlp/sampler.ts';
import type { Span } from '../../../src/telemetry/otlp/span.ts';
import { workSpans } from '../../../src/telemetry/otlp/work-spans.ts';
import type { TraceContext } from '../../../src/support/trace-context.ts';
import { otlpTo, startCollector, undocumented } from '../../support/collector.ts';
import { declared } from '../../support/declarations.ts';
import { clientOptions, startTestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

const toLake = {
  bucketARN: 'arn:aws:s3:::lake',
  bufferingHints: { sizeInMBs: 1, intervalInSeconds: 0 },
};

test('list logs and deliveries have spans with links to the puts of their records', async (t) => {
  await using collector = await startCollector();
  await using server = await startTestServer({
    otlp: otlpTo(collector),
    declarations: declared({
      streams: { s: { shardCount: 1 } },
      buckets: ['lake'],
      listLogs: { lines: { stream: 's', bucket: 'lake', key: 'log.txt' } },
      deliveryStreams: {
        piped: { stream: 's', extendedS3DestinationConfiguration: toLake },
        direct: { extendedS3DestinationConfiguration: toLake },
      },
    }),
  });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  const firehose = new FirehoseClient(clientOptions(server.endpoint));
  t.after(() => {
    kinesis.destroy();
    firehose.destroy();
  });
  const spanOf = (consumer: string) =>
    collector.spans().find(({ attributes }) => attributes['nagare.consumer'] === consumer);
  // Again and again: a record that is read before its put is answered has no span.
  const [log, piped, direct] = await until(
    async () => {
      const Data = Buffer.from('{"message":"the-data-itself"}');
      await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data }));
      await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: 'direct', Records: [{ Data }] }));
      const found = ['the list log lines', 'the delivery stream piped', 'the delivery stream direct'].map(
        spanOf,
      );
      return found.every((span) => span !== undefined) && found;
    },
    { pauseMs: 50 },
  );
  const names = (linked: typeof log) =>
    linked?.links?.map(({ spanId }) => collector.spans().find((span) => span.spanId === spanId)?.name);
  await until(() => [log, piped, direct].every((span) => names(span)?.[0] !== undefined));
  assert.deepEqual(new Set(names(log)), new Set(['Kinesis/PutRecord']));
  assert.deepEqual(new Set(names(piped)), new Set(['Kinesis/PutRecord']));
  assert.deepEqual(new Set(names(direct)), new Set(['Firehose/PutRecordBatch']));
  assert.deepEqual([log?.name, direct?.name], ['process s', 'process direct']);
  assert.equal(log?.attributes['aws.s3.key'], 'log.txt');
  assert.ok(Number(log.attributes['nagare.list_log.lines']) >= 1);
  assert.equal(piped?.attributes['nagare.delivery.objects'], 1);
  assert.equal(direct?.attributes['messaging.system'], 'aws.firehose');
  assert.deepEqual([log.status, piped.status, direct.status], [undefined, undefined, undefined]);
  assert.ok(!JSON.stringify(collector.spans()).includes('the-data-itself'));
  assert.deepEqual(undocumented(collector.spans()), []);
});

function spansOf(ratio: number) {
  const added: Span[] = [];
  const sampler = new Sampler({ isParentBased: true, ratio });
  const spans = workSpans({ puts: new PutSpans(), sampler, add: (span) => added.push(span) });
  return { spans, added };
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/** `isSampled`: what its sender has decided. */
const cause = (trace: number, span: number, isSampled?: boolean): TraceContext => ({
  traceId: hex(trace, 32),
  spanId: hex(span, 16),
  isSampled,
  traceState: undefined,
});

test('work continues the trace of what causes it, and of several traces has one of its own', () => {
  const { spans, added } = spansOf(0);
  const process = (...causes: TraceContext[]) => {
    const span = spans.begin({ name: 'process q', kind: 'consumer', causes });
    span?.end({}, undefined);
    return span?.trace;
  };
  const one = process(cause(1, 1, true), cause(1, 2, true), cause(1, 2, true), cause(2, 3, false));
  assert.equal(one?.traceId, hex(1, 32));
  assert.equal(added[0]?.parentSpanId, hex(1, 16));
  assert.deepEqual(
    added[0].links?.map(({ spanId }) => spanId),
    [hex(1, 16), hex(2, 16)],
  );
  const several = process(cause(1, 1, true), cause(2, 2, true));
  assert.ok(![hex(1, 32), hex(2, 32)].includes(several?.traceId ?? ''));
  assert.equal(added[1]?.parentSpanId, undefined);
  const many = Array.from({ length: 1000 }, (_, at) => cause(at + 1, at + 1, true));
  process(...many);
  assert.equal(added[2]?.links?.length, telemetryLimits.spanLinksMax);
  // What nobody records is passed on, if it is one trace.
  assert.deepEqual(process(cause(1, 1, false)), cause(1, 1, false));
  assert.deepEqual(process(cause(1, 1)), cause(1, 1, false));
  assert.equal(process(cause(1, 1, false), cause(2, 1, false)), undefined);
  assert.equal(process(), undefined);
  assert.equal(added.length, 3);
});

test('work that nothing causes is recorded as often as requests without a caller', () => {
  assert.equal(spansOf(0).spans.newTrace(), undefined);
  const { spans, added } = spansOf(1);
  const trace = spans.newTrace() ?? assert.fail();
  spans.begin({ name: 'send ops', kind: 'producer', causes: [trace] })?.end({}, undefined);
  assert.deepEqual([added[0]?.traceId, added[0]?.parentSpanId], [trace.traceId, undefined]);
  // Producers have one cause, their parent.
  assert.deepEqual(added[0]?.links, []);
});
