/**
 * Warm synchronous invocations of an empty Node.js handler, beside the least that could do the same: an HTTP server
 * that passes each body to a child process over a pipe and returns the line that comes back. In turns, in one run, over
 * one connection. Invocations per second, and the median of the rounds' ratios.
 *
 *     npx node bench/invocations.ts [rounds, 9] [invocations of a round, 300]
 */
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { median } from './support/load.ts';
import { startNagare } from './support/processes.ts';

const [rounds = 9, invocations = 300] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The server of the peer is a process of its own, as nagare is; the handler is another one. */
const peerSource = `
const { createServer } = require('node:http');
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const handler = "const handler = async (event) => event;" +
  "require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) =>" +
  " process.stdout.write(JSON.stringify(await handler(JSON.parse(line))) + '\\\\n'))";
const child = spawn(process.execPath, ['-e', handler], { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = [];
createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(line));
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    waiting.push((line) => response.end(line));
    child.stdin.write(Buffer.concat(chunks) + '\\n');
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

const server = await startNagare();
const client = new LambdaClient({
  endpoint: `http://127.0.0.1:${server.port}`,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
await client.send(
  new CreateFunctionCommand({
    FunctionName: 'f',
    Runtime: 'nodejs24.x',
    Role: 'arn:aws:iam::000000000000:role/bench',
    Handler: 'index.handler',
    Code: { ZipFile: zipSync({ 'index.mjs': strToU8('export const handler = async (event) => event;') }) },
  }),
);
client.destroy();

const peer = spawn(process.execPath, ['-e', peerSource], { stdio: ['ignore', 'pipe', 'inherit'] });
const [peerPort] = (await once(createInterface({ input: peer.stdout }), 'line')) as [string];

const nagareUrl = `http://127.0.0.1:${server.port}/2015-03-31/functions/f/invocations`;
const peerUrl = `http://127.0.0.1:${peerPort}/`;
const perSecond = { nagare: [] as number[], peer: [] as number[] };
for (const url of [nagareUrl, peerUrl]) await rateOf(url);
for (let round = 0; round < rounds; round++) {
  const turns = round % 2 === 0 ? (['nagare', 'peer'] as const) : (['peer', 'nagare'] as const);
  for (const turn of turns) perSecond[turn].push(await rateOf(turn === 'nagare' ? nagareUrl : peerUrl));
}
const ratios = perSecond.nagare.map((rate, round) => rate / (perSecond.peer[round] ?? rate));
console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(0)}; medians of ${rounds} rounds`);
console.log(`nagare ${median(perSecond.nagare).toFixed(0)}/s, peer ${median(perSecond.peer).toFixed(0)}/s`);
console.log(`ratio ${median(ratios).toFixed(2)}`);

agent.destroy();
peer.kill();
await server.stop();

async function rateOf(url: string): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < invocations; n++) await invoke(url);
  return (invocations * 1000) / (performance.now() - began);
}

function invoke(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': 7,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00',
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200 && text === '{"n":1}') resolve();
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end('{"n":1}');
  });
}
