import { Command } from 'commander';
import { callRest, serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { maximumOf, metricData, ofStream, sumOf } from '../metrics/metric-data.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { durationText, numberText, parseDurationMs } from '../output/units.ts';
import { columnsText } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';
import { summaryOf } from './kinesis.ts';

type ReportFlags = ServerFlags & OutputFlags & { readonly since?: number };

/** One step of the data path: the first that is not well is the usual cause. */
interface Step {
  readonly step: string;
  readonly state: 'ok' | 'warning' | 'problem' | 'unknown';
  readonly says: string;
  /** A command that helps. */
  readonly remedy?: string;
}

interface Mapping {
  readonly UUID: string;
  readonly FunctionArn?: string;
  readonly State?: string;
  readonly LastProcessingResult?: string;
}

const DEFAULT_SINCE_MS = 15 * 60_000;
/** Beyond this share of the retention, records may be lost before they are read. */
const RETENTION_SHARE = 0.5;

/** `nagare stream report`: the data path of a stream, from puts to handlers. */
export function reportCommand(terminal: Terminal): Command {
  const command = new Command('report')
    .description(
      'show how a stream does: puts, throttles, readers, functions; the first problem is the usual cause',
    )
    .argument('<name>', 'stream name')
    .option('--since <duration>', 'what to look at (default: 15m)', parseDurationMs);
  return withServer(withJson(command)).action(async (name: string, flags: ReportFlags) => {
    const server = await serverOf(flags, terminal);
    const steps = await stepsOf(server, name, flags.since ?? DEFAULT_SINCE_MS);
    const columns = [
      { title: 'state', of: ({ state }: Step) => state },
      { title: 'step', of: ({ step }: Step) => step },
      { title: 'what', of: ({ says }: Step) => says },
      { title: 'try', of: ({ remedy }: Step) => remedy ?? '' },
    ];
    printResult(terminal, flags, columnsText(columns, steps, terminal), { StreamName: name, Steps: steps });
  });
}

async function stepsOf(server: RunningServer, name: string, sinceMs: number): Promise<Step[]> {
  const summary = await summaryOf(server, name);
  const endMs = Date.now();
  const requests = [
    ofStream(name, 'IncomingRecords', 'Sum'),
    ofStream(name, 'PutRecords.FailedRecords', 'Sum'),
    ofStream(name, 'WriteProvisionedThroughputExceeded', 'Sum'),
    ofStream(name, 'PutRecords.Latency', 'Maximum'),
    ofStream(name, 'PutRecord.Latency', 'Maximum'),
    ofStream(name, 'GetRecords.Records', 'Sum'),
    ofStream(name, 'ReadProvisionedThroughputExceeded', 'Sum'),
    ofStream(name, 'GetRecords.IteratorAgeMilliseconds', 'Maximum'),
  ];
  const range = { startMs: endMs - sinceMs, endMs, periodSeconds: 60 };
  const [put, failed, throttled, slowBatch, slowOne, read, readThrottled, age] = await metricData(
    server,
    requests,
    range,
  );
  const seconds = sinceMs / 1000;
  const latencies = [maximumOf(slowBatch), maximumOf(slowOne)].filter((ms) => ms !== undefined);
  return [
    putStep(sumOf(put), sumOf(failed), seconds),
    throttleStep(name, sumOf(throttled), 'puts', summary.OpenShardCount ?? 1),
    {
      step: 'acknowledgement',
      state: latencies.length === 0 ? 'unknown' : 'ok',
      says: latencies.length === 0 ? 'no puts' : `slowest put ${durationText(Math.max(...latencies))}`,
    },
    throttleStep(name, sumOf(readThrottled), 'reads', summary.OpenShardCount ?? 1),
    readStep(name, {
      records: sumOf(read),
      ageMs: maximumOf(age),
      retentionHours: summary.RetentionPeriodHours ?? 24,
    }),
    ...(await mappingSteps(server, summary.StreamARN ?? '')),
  ];
}

function putStep(records: number, failed: number, seconds: number): Step {
  const says = `${numberText(records)} records, ${numberText(records / seconds, 1)}/s, ${numberText(failed)} refused`;
  return { step: 'puts', state: failed > 0 ? 'warning' : 'ok', says };
}

function throttleStep(name: string, count: number, what: 'puts' | 'reads', shards: number): Step {
  const step = `throttled ${what}`;
  if (count === 0) return { step, state: 'ok', says: 'none' };
  const remedy =
    what === 'puts' ? `nagare shard hot ${name}` : `nagare stream scale ${name} --shards ${shards * 2}`;
  return { step, state: 'warning', says: numberText(count), remedy };
}

interface Reading {
  readonly records: number;
  readonly ageMs: number | undefined;
  readonly retentionHours: number;
}

function readStep(name: string, { records, ageMs, retentionHours }: Reading): Step {
  const step = 'readers';
  if (ageMs === undefined) return { step, state: 'unknown', says: 'nobody read with GetRecords' };
  const share = ageMs / (retentionHours * 3_600_000);
  const says = `${numberText(records)} records; the oldest was ${durationText(ageMs)} old, ${numberText(share * 100, 1)} % of the retention`;
  if (share < RETENTION_SHARE) return { step, state: 'ok', says };
  const remedy = `nagare stream update ${name} --retention-hours ${retentionHours * 2}`;
  return { step, state: 'problem', says, remedy };
}

async function mappingSteps(server: RunningServer, streamArn: string): Promise<Step[]> {
  const { EventSourceMappings: mappings } = await mappingCall<{
    EventSourceMappings: readonly Mapping[];
  }>(server, `?EventSourceArn=${encodeURIComponent(streamArn)}`);
  return Promise.all(mappings.map((mapping) => mappingStep(server, mapping)));
}

/** The last result is of any shard: others may be blocked while it is OK. */
async function mappingStep(
  server: RunningServer,
  { UUID, FunctionArn = '', State = '', LastProcessingResult = '' }: Mapping,
): Promise<Step> {
  const blocked = await blockedShards(server, UUID);
  const isWell = State === 'Enabled' && !/PROBLEM/.test(LastProcessingResult) && blocked.length === 0;
  const step = `function ${FunctionArn.split(':').at(-1)}`;
  const result = blocked.length === 0 ? '' : `, blocked: ${blocked.join(', ')}`;
  const says = `${State}, ${LastProcessingResult || 'nothing processed yet'}${result}`;
  return isWell
    ? { step, state: 'ok', says }
    : { step, state: 'problem', says, remedy: `nagare mapping info ${UUID}` };
}

interface Progress {
  readonly Shards: readonly { readonly Blockages: readonly { readonly ShardId: string }[] }[];
}

/** AWS does not tell. */
async function blockedShards(server: RunningServer, uuid: string): Promise<string[]> {
  if (server.endpoint === undefined) return [];
  const { Shards } = await mappingCall<Progress>(server, `/${uuid}/progress`);
  return Shards.flatMap(({ Blockages }) => Blockages.map(({ ShardId }) => ShardId));
}

function mappingCall<Output>(server: RunningServer, end: string): Promise<Output> {
  const path = `/2015-03-31/event-source-mappings${end}`;
  return callRest<Output>(server, { service: 'lambda', method: 'GET', path });
}
