import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  required,
  text,
  wholeNumber,
  withDefault,
  YamlFile,
  type YamlReader,
} from '../../src/config/yaml-reader.ts';
import { declaredName, ModelInput, pairs } from '../../src/declarations/model-reader.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';

/** An operation with a member of each type that can be declared. */
const model: ServiceModel = {
  metadata: { serviceId: 'Test', apiVersion: '2026-01-01', protocols: ['json'], endpointPrefix: 'test' },
  operations: {
    CreateThing: {
      name: 'CreateThing',
      http: { method: 'POST', requestUri: '/' },
      input: { shape: 'CreateThingInput' },
    },
  },
  shapes: {
    CreateThingInput: {
      type: 'structure',
      required: ['ThingName'],
      members: {
        ThingName: { shape: 'Name' },
        ThingARN: { shape: 'Name' },
        Count: { shape: 'Count' },
        Ratio: { shape: 'Ratio' },
        IsOpen: { shape: 'Flag' },
        Mode: { shape: 'Mode' },
        StartTime: { shape: 'Time' },
        Names: { shape: 'Names' },
        Limits: { shape: 'Limits' },
        Config: { shape: 'Config' },
        Tags: { shape: 'Tags' },
        Content: { shape: 'Bytes' },
      },
    },
    Name: { type: 'string', min: 1, max: 8 },
    Count: { type: 'integer', min: 1, max: 9 },
    Ratio: { type: 'double' },
    Flag: { type: 'boolean' },
    Mode: { type: 'string', enum: ['ON', 'OFF'] },
    Time: { type: 'timestamp' },
    Names: { type: 'list', member: { shape: 'Name' } },
    Limits: { type: 'map', key: { shape: 'Name' }, value: { shape: 'Count' } },
    Config: {
      type: 'structure',
      required: ['SizeInMBs'],
      members: { SizeInMBs: { shape: 'Count' }, KMSKeyArn: { shape: 'Name' } },
    },
    Tags: { type: 'list', member: { shape: 'Tag' } },
    Tag: { type: 'structure', members: { Key: { shape: 'Name' }, Value: { shape: 'Name' } } },
    Bytes: { type: 'blob' },
  },
};

interface CreateThing {
  ThingName: string;
  ThingARN: string;
  Count: number;
  Ratio: number;
  IsOpen: boolean;
  Mode: string;
  StartTime: Date;
  Names: string[];
  Limits: Record<string, number>;
  Config: { SizeInMBs: number; KMSKeyArn?: string };
  Tags: { Key: string; Value: string }[];
  Content: Uint8Array;
}

const thing = new ModelInput<CreateThing>(model, 'CreateThingInput', { Tags: pairs('Key') });

function read<Value>(
  reader: YamlReader<Value>,
  content: string,
): { value: Value | undefined; problems: string[] } {
  const file = new YamlFile('nagare.yaml', content);
  const value = file.read(reader);
  return { value, problems: file.found.map(({ text: problem }) => problem) };
}

describe('the input of an operation in nagare.yaml', () => {
  const form = thing.reader({
    members: ['Count', 'Ratio', 'IsOpen', 'Mode', 'StartTime', 'Names', 'Limits', 'Config', 'Tags'],
    own: {},
  });

  it("has values of all types by AWS's names with a small first word", () => {
    const { value, problems } = read(
      form,
      `count: 3
ratio: 0.5
isOpen: true
mode: ON
startTime: 2026-11-29T00:00:00Z
names: [a, b]
limits: { x: 1, y: 2 }
config: { sizeInMBs: 5, kmsKeyArn: k }
tags: { team: core, tier: "1" }
`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(value?.input, {
      Count: 3,
      Ratio: 0.5,
      IsOpen: true,
      Mode: 'ON',
      StartTime: new Date('2026-11-29T00:00:00Z'),
      Names: ['a', 'b'],
      Limits: { x: 1, y: 2 },
      Config: { SizeInMBs: 5, KMSKeyArn: 'k' },
      Tags: [
        { Key: 'team', Value: 'core' },
        { Key: 'tier', Value: '1' },
      ],
    });
  });

  it('names each problem with its line', () => {
    const { problems } = read(form, 'count: many\nmode: on\nconfig: {}\nnoun: 1\n');
    assert.equal(problems.length, 4);
    const [count, mode, config, unknown] = problems.toSorted();
    assert.match(count ?? '', /^nagare\.yaml:1: count /);
    assert.match(mode ?? '', /^nagare\.yaml:2: mode .*ON.*OFF/);
    assert.match(config ?? '', /^nagare\.yaml:3: config.*sizeInMBs/);
    assert.match(unknown ?? '', /^nagare\.yaml:4: .*noun/);
  });

  it('requires what the declaration requires, fills in its defaults, and keeps its own keys apart', () => {
    const own = thing.reader({
      members: ['Count', 'Mode'],
      required: ['Mode'],
      defaults: { Count: 7 },
      own: { stream: required(text()), batch: withDefault(wholeNumber(1), 10) },
    });
    assert.deepEqual(read(own, 'mode: OFF\nstream: orders\n').value, {
      input: { Count: 7, Mode: 'OFF' },
      own: { stream: 'orders', batch: 10 },
    });
    const { problems } = read(own, 'count: 1\n');
    assert.equal(problems.length, 2);
    assert.match(problems.join('\n'), /mode/);
    assert.match(problems.join('\n'), /stream/);
  });

  it("checks bounds as the API does, with AWS's message, and tells editors the same bounds", () => {
    const { value, problems } = read(form, 'count: 10\n');
    // The reader takes it: the violation is told with AWS's words.
    assert.deepEqual(problems, []);
    const violation =
      thing.violations({ ...value?.input, ThingName: 'a' }) ?? assert.fail('10 is more than 9');
    assert.match(
      violation,
      /'10' at 'count' failed to satisfy constraint: Member must have value less than or equal to 9/,
    );
    assert.equal(thing.violations({ ThingName: 'a', Count: 9 }), undefined);
    const { properties } = form.schema as { readonly properties: Readonly<Record<string, object>> }; // an object's
    assert.deepEqual(properties['count'], {
      description: 'Count of CreateThing',
      type: 'integer',
      minimum: 1,
      maximum: 9,
    });
  });

  it('cannot be of a member that the model does not have, or of bytes', () => {
    const strange = new ModelInput<CreateThing & { Other: string }>(model, 'CreateThingInput');
    assert.throws(() => strange.reader({ members: ['Other'], own: {} }), /the model has no member Other/);
    assert.throws(
      () => thing.reader({ members: ['Content'], own: {} }),
      /Bytes is a blob, which cannot be declared/,
    );
  });
});

it('the names of members begin with a word in lower case', () => {
  const names = ['ShardCount', 'OKActions', 'KMSKeyArn', 'ARN', 'RoleARN', 'S3Key', 'isRaw'];
  assert.deepEqual(names.map(declaredName), [
    'shardCount',
    'okActions',
    'kmsKeyArn',
    'arn',
    'roleARN',
    's3Key',
    'isRaw',
  ]);
});
