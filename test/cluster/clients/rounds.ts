import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientEnvironment } from '../../support/client.ts';
import { buildJava } from '../../support/java.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { programPath, runTool } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import type { ClusterClient } from './client.ts';

const script = fileURLToPath(new URL('boto3-rounds.py', import.meta.url));
const goFolder = fileURLToPath(new URL('../../clients/go', import.meta.url));
const javaFolder = fileURLToPath(new URL('../../clients/java', import.meta.url));

/** Of one cluster. */
export interface Endpoints {
  readonly endpoint: string;
  readonly tlsEndpoint: string;
}

/** A program that makes rounds of calls by its language's SDK until its input ends, and checks their results. */
export interface RoundsProgram {
  readonly name: string;
  readonly command: string;
  readonly args: (endpoints: Endpoints) => readonly string[];
}

export const boto3: RoundsProgram = {
  name: 'boto3',
  command: programPath('python3') ?? 'python3',
  args: () => [script],
};

/** Builds it. */
export async function goSdk(): Promise<RoundsProgram> {
  const command = join(await temporaryFolder(), 'rounds');
  await runTool('go', ['build', '-o', command, './rounds'], { cwd: goFolder });
  return { name: 'the SDK for Go', command, args: () => [] };
}

/** Builds the programs for the SDK and the KPL. */
export async function javaClients(): Promise<readonly RoundsProgram[]> {
  const { classPath } = await buildJava(javaFolder);
  const options = ['-cp', classPath, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  return [
    {
      name: 'the SDK for Java',
      command: 'java',
      args: ({ endpoint }) => [...options, 'nagare.Rounds', endpoint],
    },
    {
      name: 'the KPL',
      command: 'java',
      args: ({ endpoint, tlsEndpoint }) => [...options, 'nagare.KplRounds', endpoint, tlsEndpoint],
    },
  ];
}

/** Runs such a program: it prints `ready` when it begins, and in the end what there is to tell. */
export class RoundsClient implements ClusterClient {
  readonly name: string;
  /** Its retries may wait for many seconds. */
  readonly answeredMs: readonly number[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<unknown>;
  #output = '';
  #errors = '';

  private constructor({ name, command, args }: RoundsProgram, endpoints: Endpoints) {
    this.name = name;
    this.#child = spawn(command, args(endpoints), {
      env: { ...process.env, ...clientEnvironment(endpoints.endpoint) },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
  }

  static async start(program: RoundsProgram, endpoints: Endpoints): Promise<RoundsClient> {
    const client = new RoundsClient(program, endpoints);
    await until(() => client.#hasEnded || client.#output.startsWith('ready\n'), {
      what: `${client.name} has begun`,
      withinMs: 60_000,
    });
    if (client.#hasEnded) throw client.#failure();
    return client;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null;
  }

  #failure(): Error {
    return new Error(`${this.name} has ended: ${this.#errors}`);
  }

  async work(stop: AbortSignal): Promise<void> {
    const stopped = once(stop, 'abort');
    await Promise.race([stop.aborted ? undefined : stopped, this.#ended]);
    this.#child.stdin.end();
    if (!stop.aborted) throw this.#failure();
  }

  async check(): Promise<string> {
    await this.#ended;
    assert.equal(this.#child.exitCode, 0, this.#errors);
    return this.#output.split('\n')[1] ?? '';
  }

  /** Also when the test has failed. */
  close(): void {
    this.#child.kill('SIGKILL');
  }
}
