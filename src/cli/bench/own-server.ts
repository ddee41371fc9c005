import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signed } from '../../auth/sign.ts';
import { CommandError } from '../terminal.ts';

/** A server with an empty folder, which ends with the benchmark. */
export interface OwnServer {
  readonly endpoint: string;
  /** Sends JSON, and resolves with the text of the answer. */
  call(target: string, input: object, service?: string): Promise<string>;
  /** The text of an object, or undefined. */
  object(path: string): Promise<string | undefined>;
  /** Calls `onData` with what arrives of an endless answer, until `stop`. */
  subscribe(target: string, input: object, onData: (chunk: Buffer) => void): { stop(): void };
  /** Seconds of the processor that it has used; undefined where the system does not say. */
  processorSeconds(): Promise<number | undefined>;
  close(): Promise<void>;
}

const KEYS = { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
const TICKS_PER_SECOND = 100;

/** Starts `nagare start` with its data below `folder`. */
export async function startOwnServer(folder: string): Promise<OwnServer> {
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const main = fileURLToPath(new URL(`../../main.${suffix}`, import.meta.url));
  const args = [
    main,
    'start',
    '--port',
    '0',
    '--data-dir',
    join(folder, 'data'),
    '--auth',
    'off',
    '--log-level',
    'error',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder });
  const endpoint = await addressOf(child.stdout);
  if (endpoint === undefined) throw new CommandError('the server did not start');
  child.stdout.resume();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const send = (sending: Sending) => {
    const url = new URL(sending.path, endpoint);
    const scope = { region: 'us-east-1', service: sending.service };
    const { method, headers, body } = sending;
    const all = signed({ method, url, headers, body }, KEYS, scope, new Date());
    const sent = request(url, {
      method,
      agent,
      headers: { ...all, 'content-length': String(Buffer.byteLength(body)) },
    });
    sent.end(body);
    return sent;
  };
  const post = (target: string, input: object, service: string) =>
    send({ method: 'POST', path: '/', service, headers: jsonHeaders(target), body: JSON.stringify(input) });
  return {
    endpoint,
    call: (target, input, service = 'kinesis') => textOf(post(target, input, service), target),
    async object(path) {
      const sent = send({ method: 'GET', path, service: 's3', headers: {}, body: '' });
      return textOf(sent, path).catch(() => undefined);
    },
    subscribe(target, input, onData) {
      const sent = post(target, input, 'kinesis');
      sent.on('response', (answer) => answer.on('data', onData).on('error', () => undefined));
      sent.on('error', () => undefined);
      return { stop: () => sent.destroy() };
    },
    processorSeconds: () => processorSeconds(child.pid),
    async close() {
      agent.destroy();
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

interface Sending {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly service: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function jsonHeaders(target: string): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
}

async function textOf(sent: ReturnType<typeof request>, what: string): Promise<string> {
  const [answer] = (await once(sent, 'response')) as [
    NodeJS.ReadableStream & { readonly statusCode: number },
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  if (answer.statusCode !== 200)
    throw new CommandError(`${what} was answered with ${answer.statusCode}: ${text.slice(0, 200)}`);
  return text;
}

/** What it prints first has its address. */
async function addressOf(output: NodeJS.ReadableStream): Promise<string | undefined> {
  let text = '';
  const found = Promise.withResolvers<string | undefined>();
  const look = (chunk: Buffer): void => {
    text += chunk.toString();
    const [address] = /http:\/\/[\d.]+:\d+/.exec(text) ?? [];
    if (address !== undefined) found.resolve(address);
  };
  output.on('data', look).once('close', () => found.resolve(undefined));
  const address = await found.promise;
  output.off('data', look);
  return address;
}

/** proc(5): user and system time, after the name, which may have blanks. */
async function processorSeconds(pid: number | undefined): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
