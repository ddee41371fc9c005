import * as fc from 'fast-check';
import api from '../../../../src/services/kinesis/api.json' with { type: 'json' };
import type { ServiceModel, Shape } from '../../../../src/protocol/model.ts';
import { ARN, SHARD_0, SHARD_1 } from './streams.ts';

const model: ServiceModel = api;
/** Not SubscribeToShard, whose answer goes on for minutes, nor DeleteStream, which leaves nothing to work on. */
const names = Object.keys(model.operations).filter(
  (name) => !['SubscribeToShard', 'DeleteStream'].includes(name),
);

const HALF = (2n ** 127n).toString();

/** What members of these names are to hold to get past the first checks. Others take any of the texts. */
export function textsFor(iterator: string, number: string): Readonly<Record<string, readonly string[]>> {
  const shards = [SHARD_0, SHARD_1, 'shardId-000000000002', '3', 'shardId-000000000999'];
  const hashKeys = ['0', '1000', HALF, (2n ** 128n - 1n).toString(), (2n ** 128n).toString()];
  const arns = [`${ARN}/orders`, `${ARN}/orders/consumer/app:1`];
  return {
    StreamName: ['orders'],
    StreamARN: [`${ARN}/orders`],
    ResourceARN: arns,
    ConsumerARN: arns,
    ConsumerName: ['app', 'other'],
    ShardId: shards,
    ShardToSplit: shards,
    ShardToMerge: shards,
    AdjacentShardToMerge: shards,
    ExclusiveStartShardId: shards,
    ShardIterator: [iterator],
    NewStartingHashKey: hashKeys,
    ExplicitHashKey: hashKeys,
    StartingSequenceNumber: [number, '0', number.replace('9', '8')],
    SequenceNumberForOrdering: [number, '0'],
    Policy: ['{"Statement":[]}', '{', '[]', 'null'],
  };
}

export type Texts = ReturnType<typeof textsFor>;

/** A value of a shape: mostly of its form, sometimes something else altogether. */
function valueOf(shapeName: string, member: string, texts: Texts): fc.Arbitrary<unknown> {
  const shape: Shape = model.shapes[shapeName] ?? { type: 'string' };
  const odd = fc.constantFrom(null, 0, -1, 'odd', [], {}, true, 1e300, '\u0000');
  return fc.oneof({ weight: 30, arbitrary: formOf(shape, member, texts) }, { weight: 1, arbitrary: odd });
}

function formOf(shape: Shape, member: string, texts: Texts): fc.Arbitrary<unknown> {
  const of = (name: string | undefined, key = member) => valueOf(name ?? '', key, texts);
  switch (shape.type) {
    case 'structure':
      return structureOf(shape, texts);
    case 'list':
      return fc.array(of(shape.member?.shape), { maxLength: 3 });
    case 'map':
      return fc.dictionary(fc.constantFrom('a', 'b', '', 'é*'), of(shape.value?.shape, 'value'), {
        maxKeys: 3,
      });
    case 'integer':
    case 'long':
      return fc.oneof(
        fc.integer({ min: -2, max: 6 }),
        fc.constantFrom(shape.min ?? 24, shape.max ?? 8760, 30),
      );
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return fc.constantFrom(0, 1.5, Date.now() / 1000, Date.now() / 1000 + 1e6, -1e15, 'now');
    case 'blob':
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    default: {
      if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
      const fitting = texts[member] ?? ['a', 'x'.repeat(200), 'é🔑', '1'];
      const any = Object.values(texts).flat();
      return fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(...fitting) },
        { weight: 1, arbitrary: fc.constantFrom('', ...any) },
      );
    }
  }
}

/** Optional members are there now and then, so that they are seen alone and together; the stream's name always. */
function structureOf(shape: Shape, texts: Texts): fc.Arbitrary<object> {
  const members = Object.entries(shape.members ?? {}).map(([name, reference]) => {
    const value = valueOf(reference.shape, name, texts);
    const present =
      shape.required?.includes(name) === true || name === 'StreamName' ? 40 : name === 'StreamId' ? 0 : 1;
    return [
      name,
      fc.oneof({ weight: present, arbitrary: value }, { weight: 2, arbitrary: fc.constant(undefined) }),
    ] as const;
  });
  return fc.record(Object.fromEntries(members), { noNullPrototype: true });
}

export interface AnyCall {
  readonly name: string;
  readonly input: unknown;
}

/** Any operation with an input that is mostly of its form; times are seconds, data is base64. */
export function anyCall(texts: Texts): fc.Arbitrary<AnyCall> {
  return fc.constantFrom(...names).chain((name) => {
    const input = model.operations[name]?.input;
    const value = input === undefined ? fc.constant({}) : valueOf(input.shape, '', texts);
    return value.map((inner) => ({ name, input: inner }));
  });
}
