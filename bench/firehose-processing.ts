/**
 * What Firehose does with records on their way, each beside a baseline of its own in turns: dynamic partitioning by jq
 * beside jqjs alone on the same records, and GZIP beside zlib alone on the same bytes. Needs what `npm run bench`
 * installs.
 *
 *   node bench/firehose-processing.ts [rounds, 5] [thousand records a round, 20]
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { compress } from '../src/delivery/compress.ts';
import type { DeliveryRecord } from '../src/delivery/destination.ts';
import { processingSettings } from '../src/delivery/processing/configuration.ts';
import { createProcessing } from '../src/delivery/processing/processing.ts';
import { ManualClock } from '../src/support/clock.ts';

const rounds = Number(process.argv[2] ?? 5);
const count = Number(process.argv[3] ?? 20) * 1000;
const QUERY = '{customer: .customer, device: .type.device, year: (.at | .[0:4])}';

const records = Array.from({ length: count }, (_, at) => record(at));
// It has no types, and is not there before `npm run bench`.
const jqjsPackage: string = '@michaelhomer/jqjs';
const compiled: unknown = await import(jqjsPackage);
const jqjs = (compiled as { compile(program: string): (input: unknown) => Iterable<unknown> }).compile(QUERY);

const processing = createPartitioning();
await compare('dynamic partitioning by jq', 'records/s', count, partition, async () => {
  for (const { data } of records) {
    for (const _ of jqjs(JSON.parse(Buffer.from(data).toString()))) continue;
  }
});

const body = Buffer.concat(records.map(({ data }) => data));
await compare(
  'GZIP',
  'MB/s',
  body.length / 1e6,
  async () => void (await compress(body, 'GZIP')),
  async () => void (await promisify(gzip)(body)),
);

/** A record of 1 KiB. */
function record(at: number): DeliveryRecord {
  const text = JSON.stringify({
    customer: `c${at % 100}`,
    type: { device: 'mobile', event: 'user_clicked_submit_button' },
    at: '2021-08-31T10:22:33Z',
  });
  const data = Buffer.from(`${text.slice(0, -1)},"more":"${words(at, 1010 - text.length)}"}\n`);
  const sequenceNumber = String(at).padStart(20, '0');
  return { data, arrivalMs: 0, shardId: 's', sequenceNumber, subSequenceNumber: 0, partitionKey: 'k' };
}

/** Compresses about as text does. */
function words(seed: number, length: number): string {
  let text = '';
  for (let value = seed; text.length < length; value = (value * 1_103_515_245 + 12_345) % 2_147_483_648)
    text += `${value.toString(36)} order `;
  return text.slice(0, length);
}

function createPartitioning() {
  const settings = processingSettings(
    {
      Enabled: true,
      Processors: [
        {
          Type: 'MetadataExtraction',
          Parameters: [
            { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
            { ParameterName: 'MetadataExtractionQuery', ParameterValue: QUERY },
          ],
        },
      ],
    },
    {
      dynamicPartitioning: true,
      partitionKeys: ['customer', 'device', 'year'].map((key) => `partitionKeyFromQuery:${key}`),
    },
  );
  const observer = { executed() {}, transformed() {}, queried() {} };
  const functions = { invoke: () => Promise.reject(new Error('there is no function')) };
  return createProcessing(
    settings,
    { deliveryStreamArn: 'arn', region: 'r' },
    { functions, clock: new ManualClock(), observer },
  );
}

async function partition(): Promise<void> {
  const { signal } = new AbortController();
  const processed = await processing?.process(records, { deliveryId: 'd', signal });
  if (processed?.records.length !== count) throw new Error('records were lost');
}

/** Runs both in turns and prints the medians and their ratio. */
async function compare(
  name: string,
  unit: string,
  amount: number,
  own: () => Promise<void>,
  baseline: () => Promise<void>,
): Promise<void> {
  const ownMs: number[] = [];
  const baselineMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ownMs.push(await timed(own));
    baselineMs.push(await timed(baseline));
  }
  const [mine, theirs] = [ownMs, baselineMs].map((all) => amount / (median(all) / 1000));
  const ratio = ((mine ?? 0) / (theirs ?? 1)).toFixed(2);
  console.log(`${name}: ${mine?.toFixed(0)} ${unit}, baseline ${theirs?.toFixed(0)} ${unit}, ratio ${ratio}`);
}

async function timed(run: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await run();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
