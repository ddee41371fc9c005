import { KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clientOptions } from '../support/client.ts';
import { keyOf, type Content, type KnownRecords } from '../crash/server-load/known-records.ts';
import { STREAM } from '../crash/server-load/putting.ts';

export interface WriterOptions {
  readonly endpoint: string;
  readonly known: KnownRecords;
  /** Its own: nobody else puts under these keys. */
  readonly voices: readonly number[];
  readonly protocol: 'h1' | 'h2';
  readonly random: () => number;
}

/** Puts one after another by the AWS SDK as it comes, retries included. An error that it reports ends the writer. */
export class SdkWriter {
  readonly #options: WriterOptions;
  /** When puts were answered. */
  readonly answeredMs: number[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async work(stop: AbortSignal): Promise<void> {
    const { endpoint, protocol } = this.#options;
    const client = new KinesisClient({
      ...clientOptions(endpoint),
      ...(protocol === 'h1' && { requestHandler: new NodeHttpHandler() }),
    });
    try {
      while (!stop.aborted) {
        await this.#put(client);
        this.answeredMs.push(performance.now());
      }
    } finally {
      client.destroy();
    }
  }

  async #put(client: KinesisClient): Promise<void> {
    const { known, voices, random } = this.#options;
    const contents = voices.flatMap((voice) => known.send(voice, 1 + Math.floor(random() * 3)));
    const records = contents.map((content) => ({
      PartitionKey: keyOf(content.voice),
      Data: Buffer.from(JSON.stringify({ ...content, padding: 'x'.repeat(random() * 200) })),
    }));
    const [first] = records;
    if (first !== undefined && records.length === 1) {
      const { SequenceNumber } = await client.send(new PutRecordCommand({ StreamName: STREAM, ...first }));
      return this.#acknowledge(contents, [SequenceNumber]);
    }
    const answer = await client.send(new PutRecordsCommand({ StreamName: STREAM, Records: records }));
    if (answer.FailedRecordCount !== 0) throw new Error(`${answer.FailedRecordCount} records failed`);
    this.#acknowledge(
      contents,
      (answer.Records ?? []).map(({ SequenceNumber }) => SequenceNumber),
    );
  }

  #acknowledge(contents: readonly Content[], numbers: readonly (string | undefined)[]): void {
    for (const [place, content] of contents.entries()) {
      const number = numbers[place];
      if (number === undefined) throw new Error('a record without a sequence number');
      this.#options.known.acknowledge(content, number);
    }
  }
}
