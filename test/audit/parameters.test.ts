import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import { HIDDEN, Parameters } from '../../src/audit/parameters.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';
import type { AuditTable } from '../../src/protocol/service.ts';

const folder = fileURLToPath(new URL('../../src/services', import.meta.url));

interface Audited {
  readonly name: string;
  readonly model: ServiceModel;
  readonly audit: AuditTable | undefined;
}

const services: readonly Audited[] = await Promise.all(
  readdirSync(folder)
    .filter((name) => existsSync(`${folder}/${name}/api.json`))
    .map(async (name) => {
      const model = JSON.parse(readFileSync(`${folder}/${name}/api.json`, 'utf8')) as ServiceModel;
      const table = `${folder}/${name}/audit.ts`;
      if (!existsSync(table)) return { name, model, audit: undefined };
      const { audit } = (await import(table)) as { audit: AuditTable };
      return { name, model, audit };
    }),
);

/** Names that values have which are data or secrets, and names that only look like it. */
const SUSPICIOUS =
  /secret|passw|token|body|message|payload|credential|environment|subject|metadata|records?$|zipfile|accesskey$|privatekey|passphrase|context|assertion|data$|entries$/i;
const HARMLESS: ReadonlySet<string> = new Set([
  // Positions of listings.
  'NextToken',
  'nextToken',
  'ContinuationToken',
  'PaginationToken',
  'MaxRecords',
  // Names that are asked for.
  'MessageAttributeNames',
  'MessageSystemAttributeNames',
  // Settings.
  'TreatMissingData',
  'ReturnData',
  'MessageStructure',
  'MetadataDirective',
  'DashboardBody',
  'MessageDeduplicationId',
  'MessageGroupId',
  'ContextKeyName',
  'ContextKeyType',
  'ContextKeyValues',
  'ProvidedContexts',
  'ContextEntries',
  'EventSourceToken',
  'ViewVersionToken',
  'MetadataOperation',
  // Names of secrets.
  'SecretARN',
  'SecretsManagerConfiguration',
]);

const MARK = 'value-of-';

/** A value of the shape: every text says where it is. */
function example(model: ServiceModel, name: string, path: string, within: readonly string[] = []): unknown {
  const shape = model.shapes[name];
  if (shape === undefined || within.filter((each) => each === name).length > 1) return undefined;
  const below = [...within, name];
  if (shape.document === true || shape.eventstream === true) return { text: MARK + path };
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members ?? {}).flatMap(([member, { shape: of }]) => {
          const value = example(model, of, `${path}.${member}`, below);
          return value === undefined ? [] : [[member, value]];
        }),
      );
    case 'list':
      return [example(model, shape.member?.shape ?? '', path, below)];
    case 'map':
      return { [MARK + path]: example(model, shape.value?.shape ?? '', path, below) };
    case 'blob':
      return Buffer.from(MARK + path);
    case 'timestamp':
      return new Date(0);
    case 'string':
      return MARK + path;
    default:
      return 1;
  }
}

/** The paths of the values that are shown. */
function shownBy({ model, audit }: Audited): Set<string> {
  const parameters = new Parameters({ model, audit });
  const shown = new Set<string>();
  for (const [operation, { input }] of Object.entries(model.operations)) {
    if (input === undefined) continue;
    // One parameter at a time: together they are more than a record may have.
    for (const [member, { shape }] of Object.entries(model.shapes[input.shape]?.members ?? {})) {
      const value = { [member]: example(model, shape, `${operation}.${member}`, [input.shape]) };
      const text = JSON.stringify(parameters.of(operation, value));
      for (const [, path = ''] of text.matchAll(/value-of-([\w.]+)/g)) shown.add(path);
    }
  }
  return shown;
}

describe('request parameters in the audit log', () => {
  for (const service of services) {
    it(`show no data and no secrets of ${service.name}`, () => {
      const shown = [...shownBy(service)];
      const suspicious = shown.filter((path) => {
        const [, ...members] = path.split('.');
        return members.some((member) => SUSPICIOUS.test(member) && !HARMLESS.has(member));
      });
      assert.deepEqual(suspicious, []);
    });

    it(`show other parameters of ${service.name}`, () => {
      if (service.audit === undefined || service.name === 'sts') return;
      assert.ok(shownBy(service).size > 3);
    });

    it(`hide what ${service.name} names, which its model has`, () => {
      const { model, audit } = service;
      for (const name of audit?.dataEvents ?? []) assert.ok(Object.hasOwn(model.operations, name), name);
      for (const name of audit?.hidden ?? []) {
        const [shape = '', member] = name.split('.');
        assert.ok(Object.hasOwn(model.shapes, shape), name);
        if (member !== undefined) assert.ok(model.shapes[shape]?.members?.[member], name);
      }
    });
  }

  it('keep the form of the input, with names as CloudTrail has them', () => {
    const lambda = services.find(({ name }) => name === 'lambda');
    assert.ok(lambda);
    const input = {
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Code: { ZipFile: Buffer.from('code') },
      Environment: { Variables: { PASSWORD: 'secret' } },
      Timeout: 3,
      Tags: { Team: 'a' },
    };
    assert.deepEqual(new Parameters(lambda).of('CreateFunction', input), {
      functionName: 'f',
      runtime: 'nodejs24.x',
      code: { zipFile: HIDDEN },
      environment: { variables: HIDDEN },
      timeout: 3,
      tags: { Team: 'a' },
    });
  });

  it('hide passwords in URLs', () => {
    const s3 = services.find(({ name }) => name === 's3');
    assert.ok(s3);
    const shown = new Parameters(s3).of('GetObject', { Bucket: 'b', Key: 'https://user:pass@host/' });
    assert.deepEqual(shown, { bucket: 'b', key: 'https://***@host/' });
  });

  it('are bounded', () => {
    const kinesis = services.find(({ name }) => name === 'kinesis');
    assert.ok(kinesis);
    const Tags = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`tag${n}`, 'v'.repeat(10_000)]),
    );
    const shown = new Parameters(kinesis).of('AddTagsToStream', { StreamName: 's', Tags });
    assert.ok(JSON.stringify(shown).length < 64 * 1024);
  });
});
