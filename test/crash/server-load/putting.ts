import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Caller } from './caller.ts';
import { keyOf, type Content, type KnownRecords } from './known-records.ts';

export const STREAM = 'words';

interface Put {
  readonly id: string;
  readonly contents: readonly Content[];
  readonly padding: string;
}

export interface WriterOptions {
  readonly known: KnownRecords;
  /** Its own: nobody else puts under these keys. */
  readonly voices: readonly number[];
}

/** Puts one after another, each under an id. The one that a kill interrupts is repeated in the next life. */
export class Writer {
  readonly #options: WriterOptions;
  #pending: Put | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Until the server is killed. */
  async work(caller: Caller, random: () => number): Promise<void> {
    await this.repeat(caller);
    while (!caller.killed) {
      this.#pending = this.#next(random);
      await this.repeat(caller);
      await caller.pause(random() * 2);
    }
  }

  /** Sends again what is not known to be stored. */
  async repeat(caller: Caller): Promise<void> {
    if (this.#pending === undefined) return;
    const numbers = await send(caller, this.#pending);
    if (numbers === undefined) return;
    const { known } = this.#options;
    for (const [place, content] of this.#pending.contents.entries()) {
      const sequenceNumber = numbers[place];
      assert(sequenceNumber !== undefined, 'each record of a put was given a number');
      known.acknowledge(content, sequenceNumber);
    }
    this.#pending = undefined;
  }

  #next(random: () => number): Put {
    const { known, voices } = this.#options;
    const padding = 'x'.repeat(random() * 200);
    const some = random() < 0.5 ? [pick(voices, random)] : voices.filter(() => random() < 0.7);
    const most = pick([1, 1, 8, 8, 20], random);
    const contents = some.flatMap((voice) => known.send(voice, Math.ceil(random() * most)));
    return { id: randomUUID(), contents, padding };
  }
}

/** The sequence numbers of its records; undefined when the server was killed meanwhile. */
async function send(caller: Caller, { id, contents, padding }: Put): Promise<string[] | undefined> {
  const records = contents.map((content) => ({
    PartitionKey: keyOf(content.voice),
    Data: Buffer.from(JSON.stringify({ ...content, padding })).toString('base64'),
  }));
  const [first] = records;
  if (first === undefined) return [];
  const isOne = records.length === 1;
  const answer = isOne
    ? await caller.ask('PutRecord', { StreamName: STREAM, ...first }, id)
    : await caller.ask('PutRecords', { StreamName: STREAM, Records: records }, id);
  if (answer === undefined) return undefined;
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  if (!isOne) assert.equal(answer.body['FailedRecordCount'], 0);
  // As the API says.
  const places = (isOne ? [answer.body] : answer.body['Records']) as { SequenceNumber: string }[];
  return places.map(({ SequenceNumber }) => SequenceNumber);
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  assert(item !== undefined);
  return item;
}
