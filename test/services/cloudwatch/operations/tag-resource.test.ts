import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene, putAlarm } from './scene.ts';

test('tags can be added, changed and removed', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await putAlarm(cloudWatch, { Tags: [{ Key: 'team', Value: 'red' }] });
  const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a';
  const Tags = [
    { Key: 'team', Value: 'blue' },
    { Key: 'cost', Value: '1' },
  ];
  await cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags }));
  await cloudWatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['cost', 'none'] }));
  const listed = await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }));
  assert.deepEqual(listed.Tags, [{ Key: 'team', Value: 'blue' }]);
  const twice = [...Tags, { Key: 'cost', Value: '2' }];
  await assert.rejects(
    cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: twice })),
    errorNamed('ValidationException', /The tag key cost occurs more than once/),
  );
});

// moto's test_list_tags_for_resource and LocalStack's snapshots, recorded on AWS.
test('a deleted or missing alarm has no tags', async () => {
  await using scene = await openScene();
  const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:gone';
  const { Tags } = await scene.cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }));
  assert.deepEqual(Tags, []);
  await assert.rejects(
    scene.cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'a', Value: 'b' }] })),
    errorNamed('ResourceNotFoundException', /.*/),
  );
});
