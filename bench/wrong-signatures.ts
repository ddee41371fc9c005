/**
 * What remains for right signatures while one generator sends wrong ones as fast as it can, from the same address and
 * with the same key id: alone and beside it, in turns in one run. Read the ratio.
 * `node bench/wrong-signatures.ts [secondsPerRound] [rounds]`
 */
import { signed } from '../src/auth/sign.ts';
import { httpRequest, median, runLoad } from './support/load.ts';
import { startNagare } from './support/processes.ts';

const durationMs = Number(process.argv[2] ?? 5) * 1000;
const rounds = Number(process.argv[3] ?? 3);
const CONNECTIONS = 32;
const key = { accessKeyId: 'AKIABENCH', secretAccessKey: 'the-secret-of-the-bench' };
process.env['NAGARE_ROOT_ACCESS_KEY_ID'] = key.accessKeyId;
process.env['NAGARE_ROOT_SECRET_ACCESS_KEY'] = key.secretAccessKey;

/** Signed now: the time of a request may differ by five minutes. */
function listStreams(secretAccessKey: string): Buffer {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.ListStreams',
  };
  const request = { method: 'POST', url: new URL('http://127.0.0.1/'), headers, body: '{}' };
  const scope = { region: 'us-east-1', service: 'kinesis' };
  return httpRequest('/', signed(request, { ...key, secretAccessKey }, scope, new Date()), '{}');
}

await using server = await startNagare();

function load(secretAccessKey: string) {
  const requests = [listStreams(secretAccessKey)];
  return runLoad({ port: server.port, connections: CONNECTIONS, durationMs, requests });
}

await load(key.secretAccessKey);
const alone: number[] = [];
const beside: number[] = [];
const wrong: number[] = [];
for (let round = 0; round < rounds; round++) {
  alone.push((await load(key.secretAccessKey)).requestsPerSecond);
  const [right, refused] = await Promise.all([load(key.secretAccessKey), load('wrong')]);
  if (right.failures > 0) throw new Error(`${right.failures} right requests failed`);
  beside.push(right.requestsPerSecond);
  wrong.push(refused.requestsPerSecond);
}
const columns = [
  `alone ${Math.round(median(alone))} requests/s`,
  `beside wrong signatures ${Math.round(median(beside))} requests/s`,
  `ratio ${(median(beside) / median(alone)).toFixed(2)}`,
  `wrong ${Math.round(median(wrong))} requests/s`,
];
process.stdout.write(`| ${columns.join(' | ')} |\n`);
