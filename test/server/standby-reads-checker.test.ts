import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, it } from 'node:test';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { Random } from '../engine/simulation/random.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { signedFor } from '../support/admission.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  healthOf,
  type Machine,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

const BOUND_MS = 300;
const READS = 60;
const CUTS = 3;

interface Called {
  readonly content: unknown;
  /** The standby has answered itself. */
  readonly isCopy: boolean;
}

async function call({ server }: Machine, operation: string, input: object): Promise<Called> {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      ...signedFor('kinesis'),
    },
  });
  const text = await response.text();
  const content: unknown = text === '' ? {} : JSON.parse(text);
  assert.equal(response.status, 200, text);
  return { content, isCopy: response.headers.has('x-nagare-standby-read') };
}

/** Changes that are numbered from 1, with the times at which they were acknowledged. */
class History {
  readonly #acknowledgedMs: number[] = [];

  get made(): number {
    return this.#acknowledgedMs.length;
  }

  acknowledged(): void {
    this.#acknowledgedMs.push(performance.now());
  }

  /** How many had been acknowledged by then. */
  by(ms: number): number {
    return this.#acknowledgedMs.filter((at) => at < ms).length;
  }
}

interface Outcome {
  readonly copies: number;
  /** Answers that lack what they must have. */
  readonly old: number;
}

/** Writes at the owner and reads at a standby that is cut off from the log again and again. */
async function runHistory(
  random: Random,
  readAgeMaxMs: number,
  isEnough: (outcome: Outcome) => boolean = () => true,
): Promise<Outcome> {
  const store = new MemoryStore();
  const key = await masterKeyFile();
  const owner = await startMachine(store, key, {}, { takeOverAfterMs: 60_000 });
  await untilServing(owner);
  await owner.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const standby = await startMachine(store, key, {}, { takeOverAfterMs: 60_000, readAgeMaxMs });
  await until(async () => (await healthOf(standby)).cluster?.owner === owner.server.endpoint);
  const start = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = (await call(owner, 'GetShardIterator', start)).content as Record<string, string>;

  const [records, tags] = [new History(), new History()];
  let [copies, old, cuts] = [0, 0, 0];
  const isOver = (): boolean => copies >= READS && cuts >= CUTS && isEnough({ copies, old });

  const write = async (): Promise<void> => {
    while (!isOver()) {
      const Data = Buffer.from(String(records.made + 1)).toString('base64');
      await call(owner, 'PutRecord', { StreamName: 's', PartitionKey: 'p', Data });
      records.acknowledged();
      if (random.chance(0.3)) {
        const changed = { StreamName: 's', Tags: { n: String(tags.made + 1) } };
        await call(owner, 'AddTagsToStream', changed);
        tags.acknowledged();
      }
      await sleep(random.below(4));
    }
  };
  const disturb = async (): Promise<void> => {
    while (!isOver()) {
      standby.cutOff();
      // Longer than the bound, so that there is something to find.
      await sleep(BOUND_MS + random.below(2 * BOUND_MS));
      standby.reconnect();
      cuts++;
      await sleep(random.below(BOUND_MS));
    }
  };
  const check = (found: number, history: History, askedMs: number, isCopy: boolean): void => {
    if (isCopy) copies++;
    if (found < history.by(isCopy ? askedMs - BOUND_MS : askedMs)) old++;
  };
  const read = async (): Promise<void> => {
    while (!isOver()) {
      const askedMs = performance.now();
      if (random.chance(0.5)) {
        const { content, isCopy } = await call(standby, 'GetRecords', { ShardIterator });
        const { Records } = content as { readonly Records: readonly { readonly Data: string }[] };
        const numbers = Records.map(({ Data }) => Number(Buffer.from(Data, 'base64').toString()));
        assert.deepEqual(
          numbers,
          [...numbers.keys()].map((at) => at + 1),
          'a prefix',
        );
        check(numbers.length, records, askedMs, isCopy);
      } else {
        const { content, isCopy } = await call(standby, 'ListTagsForStream', { StreamName: 's' });
        const { Tags } = content as { readonly Tags: readonly { readonly Value: string }[] };
        check(Number(Tags[0]?.Value ?? 0), tags, askedMs, isCopy);
      }
      await sleep(random.below(8));
    }
  };
  await Promise.all([write(), disturb(), read(), read(), read()]);
  return { copies, old };
}

describe('reads at a standby', () => {
  afterEach(closeMachines);
  const seed = Number(process.env['NAGARE_SEED'] ?? Date.now() % 1_000_000);

  it(`are prefixes of what the owner had, and not older than the bound (seed ${seed})`, async () => {
    assert.equal((await runHistory(new Random(seed), BOUND_MS)).old, 0);
  });

  it(`are found to be too old when the bound is another one (seed ${seed})`, async () => {
    // How soon depends on the machine.
    const end = performance.now() + 60_000;
    const isEnough = ({ old }: Outcome): boolean => old > 0 || performance.now() > end;
    const { old } = await runHistory(new Random(seed), 60_000, isEnough);
    assert(old > 0, 'the checker finds nothing');
  });
});
