/**
 * What `--workers` wins: servers with none, one and two beside the main thread, in turns, in one run. For each kind of
 * work the records a second, and the processor time of the main thread for a thousand of them: what bounds a server on
 * a machine with cores to spare.
 *
 *     npx node bench/workers.ts
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readFor } from './rows/get-records.ts';
import { recordsPerSecond } from './rows/put-records.ts';
import { createStream, putRecordsRequests } from './support/kinesis.ts';
import { median, runLoad } from './support/load.ts';
import { startNagare, type Running } from './support/processes.ts';

const WORKERS = [0, 1, 2];
const ROUNDS = 5;
const ROUND_MS = 3000;
const SHARDS = 4;
/** Of /proc (`getconf CLK_TCK`). */
const TICK_MS = 10;

const small = putRecordsRequests(100);
const large = putRecordsRequests(1024);
const works: Readonly<Record<string, (server: Running) => Promise<number>>> = {
  'PutRecords, 500 x 100 B': (server) => recordsPerSecond(server, small, ROUND_MS),
  'PutRecords, 500 x 1 KiB': (server) => recordsPerSecond(server, large, ROUND_MS),
  'GetRecords, 10,000 x 100 B': (server) => readFor(server.port, ROUND_MS),
};

console.log(`${availableParallelism()} cores; medians of ${ROUNDS} rounds\n`);
console.log('| work | workers | records/s | main thread, ms for 1,000 records |\n|---|---|---|---|');
for (const [name, work] of Object.entries(works)) {
  const servers = await Promise.all(WORKERS.map((workers) => startNagare('--workers', String(workers))));
  const measured = servers.map(() => ({ rates: [] as number[], mainMs: [] as number[] }));
  for (const { port } of servers) {
    await createStream(port, SHARDS);
    await runLoad({ port, connections: 16, durationMs: 1500, requests: small });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, server] of servers.entries()) {
      const before = await mainThreadMs(server);
      const rate = await work(server);
      measured[place]?.rates.push(rate);
      measured[place]?.mainMs.push(((await mainThreadMs(server)) - before) / ((rate * ROUND_MS) / 1e6));
    }
  }
  for (const [place, { rates, mainMs }] of measured.entries()) {
    const rate = Math.round(median(rates)).toLocaleString('en-US');
    console.log(`| ${name} | ${WORKERS[place]} | ${rate} | ${median(mainMs).toFixed(2)} |`);
  }
  for (const server of servers) await server.stop();
}

async function mainThreadMs({ process: { pid } }: Running): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  // Behind the name, which may have blanks: user and system time are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
