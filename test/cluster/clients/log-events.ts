import assert from 'node:assert/strict';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientOptions } from '../../support/client.ts';
import { type ClusterClient, numbersTo, repeat } from './client.ts';

const STREAM = { logGroupName: '/steps', logStreamName: 'one' };

/** Puts log events with consecutive numbers. */
export class LogEventsClient implements ClusterClient {
  readonly name = 'a log group';
  readonly answeredMs: number[] = [];
  readonly #logs: CloudWatchLogsClient;
  #put = 0;

  private constructor(logs: CloudWatchLogsClient) {
    this.#logs = logs;
  }

  static async start(endpoint: string): Promise<LogEventsClient> {
    const logs = new CloudWatchLogsClient(clientOptions(endpoint));
    await logs.send(new CreateLogGroupCommand({ logGroupName: STREAM.logGroupName }));
    await logs.send(new CreateLogStreamCommand(STREAM));
    return new LogEventsClient(logs);
  }

  async work(stop: AbortSignal): Promise<void> {
    await repeat(stop, () => this.#putNext(), this.answeredMs);
  }

  async #putNext(): Promise<void> {
    const event = { timestamp: Date.now(), message: String(this.#put) };
    await this.#logs.send(new PutLogEventsCommand({ ...STREAM, logEvents: [event] }));
    this.#put++;
  }

  /** Each event is there once, and they are in order. */
  async check(): Promise<string> {
    const found: string[] = [];
    const { logGroupName } = STREAM;
    for await (const { events = [] } of paginateFilterLogEvents({ client: this.#logs }, { logGroupName }))
      for (const { message = '' } of events) found.push(message);
    assert.deepEqual(found, numbersTo(this.#put));
    this.#logs.destroy();
    return `${this.#put} log events`;
  }
}
