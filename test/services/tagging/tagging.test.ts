import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { CreateStreamCommand, KinesisClient, ListTagsForResourceCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import ResourceGroupsTaggingAPI from 'aws-sdk/clients/resourcegroupstaggingapi.js';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';
import { createTagged, taggedArns } from './resources.ts';

const arns = { ...taggedArns, bucket: 'arn:aws:s3:::tagged' };

test('services whose resources have tags list them at standbys, too', async () => {
  const folder = new URL('../../../src/services/', import.meta.url);
  const registering = new Map<string, number>();
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const text = await readFile(new URL(file, folder), 'utf8');
    for (const [, name = ''] of text.matchAll(/taggedResources\.register\('([\w-]+)'/g))
      registering.set(name, (registering.get(name) ?? 0) + 1);
  }
  // A cluster has its buckets in another S3.
  registering.delete('s3');
  const both = Object.values(taggedArns).map((arn) => [arn.split(':')[2], 2]);
  assert.deepEqual(Object.fromEntries(registering), Object.fromEntries(both));
});

describe('the Resource Groups Tagging API', () => {
  let server: TestServer;
  let tagging: ResourceGroupsTaggingAPI;

  before(async () => {
    server = await startTestServer();
    const options = clientOptions(server.endpoint);
    tagging = new ResourceGroupsTaggingAPI(options);
    const Tags = [{ Key: 'team', Value: 'data' }];
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'tagged' }));
    await s3.send(new PutBucketTaggingCommand({ Bucket: 'tagged', Tagging: { TagSet: Tags } }));
    await createTagged(server.endpoint);
    await new KinesisClient(options).send(new CreateStreamCommand({ StreamName: 'plain', ShardCount: 1 }));
  });

  after(() => server.close());

  async function found(filter: ResourceGroupsTaggingAPI.GetResourcesInput): Promise<(string | undefined)[]> {
    const { ResourceTagMappingList: list = [] } = await tagging.getResources(filter).promise();
    return list.map(({ ResourceARN }) => ResourceARN);
  }

  test('lists the tagged resources of all services, in pages', async () => {
    const all = Object.values(arns).sort();
    assert.deepEqual(await found({}), all);
    const pages: (string | undefined)[] = [];
    let PaginationToken = '';
    do {
      const page = await tagging.getResources({ ResourcesPerPage: 3, PaginationToken }).promise();
      pages.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN));
      PaginationToken = page.PaginationToken ?? '';
    } while (PaginationToken !== '');
    assert.deepEqual(pages, all);
  });

  test('finds resources by type, by tag and by ARN', async () => {
    assert.deepEqual(await found({ ResourceTypeFilters: ['kinesis:stream', 's3'] }), [
      arns.stream,
      arns.bucket,
    ]);
    assert.deepEqual(await found({ ResourceTypeFilters: ['kinesis:consumer'] }), []);
    assert.deepEqual(await found({ TagFilters: [{ Key: 'shards' }] }), [arns.stream]);
    assert.deepEqual(await found({ TagFilters: [{ Key: 'shards', Values: ['2', '3'] }] }), []);
    const both = [{ Key: 'shards', Values: ['1'] }, { Key: 'team' }];
    assert.deepEqual(await found({ TagFilters: both }), [arns.stream]);
    assert.deepEqual(await found({ ResourceARNList: [arns.topic, `${arns.topic}x`] }), [arns.topic]);
    await assert.rejects(found({ ResourcesPerPage: 101 }), { code: 'InvalidParameterException' });
    await assert.rejects(found({ PaginationToken: 'x' }), { code: 'InvalidParameterException' });
    await assert.rejects(found({ IncludeComplianceDetails: true }), {
      message: 'nagare does not support IncludeComplianceDetails yet',
    });
  });

  test('changes the tags of resources of all services, and says which it could not change', async () => {
    const ResourceARNList = [...Object.values(arns), `${arns.stream}-missing`, 'arn:aws:ec2:us-east-1::x'];
    const added = await tagging.tagResources({ ResourceARNList, Tags: { stage: 'test' } }).promise();
    assert.deepEqual(Object.keys(added.FailedResourcesMap ?? {}).sort(), [
      'arn:aws:ec2:us-east-1::x',
      `${arns.stream}-missing`,
    ]);
    assert.deepEqual(await found({ TagFilters: [{ Key: 'stage' }] }), Object.values(arns).sort());
    const { Tags } = await new KinesisClient(clientOptions(server.endpoint)).send(
      new ListTagsForResourceCommand({ ResourceARN: arns.stream }),
    );
    assert.deepEqual(
      Tags?.map(({ Key }) => Key),
      ['shards', 'stage', 'team'],
    );
    assert.deepEqual((await tagging.getTagKeys({}).promise()).TagKeys, ['shards', 'stage', 'team']);
    assert.deepEqual((await tagging.getTagValues({ Key: 'stage' }).promise()).TagValues, ['test']);
    const removed = await tagging
      .untagResources({ ResourceARNList: Object.values(arns), TagKeys: ['stage', 'none'] })
      .promise();
    assert.deepEqual(removed.FailedResourcesMap, {});
    assert.deepEqual(await found({ TagFilters: [{ Key: 'stage' }] }), []);
  });
});
