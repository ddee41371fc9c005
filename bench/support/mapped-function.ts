import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { call } from './kinesis.ts';

const MAPPED_STREAM = 'mapped';

/** A stream of one shard, with a function that tells this process how many records each of its batches had. */
export class MappedFunction {
  readonly #server: Server;
  readonly #port: number;
  #handled = 0;
  #put = 0;
  #waiting: (() => void) | undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
  }

  static async start(port: number): Promise<MappedFunction> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mapped = new MappedFunction(server, port);
    server.on('request', (request, response) => {
      mapped.#note(Number(request.headers['x-records']));
      response.end();
    });
    // It listens on a port.
    const { port: own } = server.address() as AddressInfo;
    await mapped.#map(own);
    return mapped;
  }

  /** Puts records, and resolves when the function has got all of them. */
  async deliver(records: readonly object[]): Promise<void> {
    await this.#putRecords(records);
    await this.#untilHandled();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #map(own: number): Promise<void> {
    const source = `import { Agent, request } from 'node:http';
const agent = new Agent({ keepAlive: true });
export const handler = ({ Records }) => new Promise((resolve, reject) => {
  const headers = { 'x-records': Records.length };
  const sent = request({ host: '127.0.0.1', port: ${own}, agent, headers }, (response) => {
    response.resume().on('end', resolve);
  });
  sent.on('error', reject).end();
});`;
    const client = new LambdaClient({
      endpoint: `http://127.0.0.1:${this.#port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await call(this.#port, 'CreateStream', { StreamName: MAPPED_STREAM, ShardCount: 1 });
    await client.send(
      new CreateFunctionCommand({
        FunctionName: MAPPED_STREAM,
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::000000000000:role/bench',
        Handler: 'index.handler',
        Code: { ZipFile: zipSync({ 'index.mjs': strToU8(source) }) },
      }),
    );
    await client.send(
      new CreateEventSourceMappingCommand({
        FunctionName: MAPPED_STREAM,
        EventSourceArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${MAPPED_STREAM}`,
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1000,
      }),
    );
    client.destroy();
  }

  async #putRecords(records: readonly object[]): Promise<void> {
    this.#put += records.length;
    for (let from = 0; from < records.length; from += 500) {
      await call(this.#port, 'PutRecords', {
        StreamName: MAPPED_STREAM,
        Records: records.slice(from, from + 500),
      });
    }
  }

  async #untilHandled(): Promise<void> {
    while (this.#handled < this.#put) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #note(records: number): void {
    this.#handled += records;
    this.#waiting?.();
  }
}
