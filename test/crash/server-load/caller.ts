import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { call, type RawAnswer } from '../raw-kinesis.ts';

/**
 * Calls a server that may be killed at any moment, by connections of its own. Answers undefined when the server was
 * killed meanwhile: then nobody knows whether the call was carried out. A server that is gone by itself is an error.
 */
export class Caller {
  readonly #endpoint: string;
  readonly #killed: AbortSignal;
  readonly #agent: Agent;

  constructor(endpoint: string, killed: AbortSignal, connections = 1) {
    this.#endpoint = endpoint;
    this.#killed = killed;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get killed(): boolean {
    return this.#killed.aborted;
  }

  async ask(operation: string, input: object, invocationId?: string): Promise<RawAnswer | undefined> {
    if (this.killed) return undefined;
    const headers = invocationId === undefined ? {} : { 'amz-sdk-invocation-id': invocationId };
    try {
      return await call(this.#endpoint, operation, input, { agent: this.#agent, headers });
    } catch (error) {
      if (this.killed) return undefined;
      throw error;
    }
  }

  /** For when nobody kills the server meanwhile; throws what is not answered with 200. */
  async askWell(operation: string, input: object): Promise<RawAnswer['body']> {
    const answer = await this.ask(operation, input);
    if (answer?.status === 200) return answer.body;
    throw new Error(`${operation}: ${answer?.status} ${JSON.stringify(answer?.body)}`);
  }

  /** What an object has from a byte on; empty when there is no object or nothing from there on. */
  getObject(path: string, fromByte: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, headers: { range: `bytes=${fromByte}-` } };
      const sent = get(`${this.#endpoint}/${path}`, options, (response) => {
        const chunks: Buffer[] = [];
        const { statusCode = 0 } = response;
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (statusCode === 206) resolve(Buffer.concat(chunks));
          else if (statusCode === 404 || statusCode === 416) resolve(Buffer.alloc(0));
          else reject(new Error(`GET ${path}: ${statusCode} ${Buffer.concat(chunks).toString()}`));
        });
      });
      sent.on('error', reject);
    });
  }

  /** Cut short when the server is killed. */
  async pause(delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.#killed }).catch(() => undefined);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Throws what is refused for any other reason than that the stream is being changed already. */
export function isDone(operation: string, { status, body }: RawAnswer): boolean {
  if (status === 200) return true;
  if (String(body['__type']).endsWith('ResourceInUseException')) return false;
  throw new Error(`${operation}: ${status} ${JSON.stringify(body)}`);
}
