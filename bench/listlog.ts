/**
 * How many lines a second a list log writes when it is busy, and how far it lags behind the puts. How long one line
 * takes while nothing else happens is a row of `npm run bench`. `node bench/listlog.ts [seconds]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, createListLog, createStream, putRecordsRequests } from './support/kinesis.ts';
import { runLoad } from './support/load.ts';
import { startNagare } from './support/processes.ts';

const seconds = Number(process.argv[2] ?? 5);
const CONNECTIONS = 4;
const RECORDS = 500;

await using server = await startNagare('--log-level', 'error');
const { port } = server;
await createStream(port, 4);
await createListLog(port);

const began = performance.now();
const load = {
  port,
  connections: CONNECTIONS,
  durationMs: seconds * 1000,
  requests: putRecordsRequests(100),
};
const { requests, failures } = await runLoad(load);
if (failures > 0) throw new Error(`${failures} requests failed`);
const putMs = performance.now() - began;
const sent = requests * RECORDS;
while ((await lineCount()) < sent) await sleep(5);
const writtenMs = performance.now() - began;

const perSecond = (ms: number) => `${Math.round((sent / ms) * 1000).toLocaleString('en-US')} a second`;
console.log(`PutRecords of 500 x 100 B on ${CONNECTIONS} connections for ${seconds} s into 4 shards:`);
console.log(`  records put     ${perSecond(putMs)}`);
console.log(
  `  lines written   ${perSecond(writtenMs)}, the last ${(writtenMs - putMs).toFixed(0)} ms after its put`,
);

async function lineCount(): Promise<number> {
  const answer = await call(port, 'NagareListLog_20261101.DescribeListLog', { ListLogName: 'bench' });
  // The answer of our own API.
  return (answer as { ListLogDescription: { Lines?: number } }).ListLogDescription.Lines ?? 0;
}
