import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene, putAlarm } from './scene.ts';

test('tags are set, changed and taken away', async () => {
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
  await assert.rejects(
    cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}b` })),
    errorNamed('ResourceNotFoundException', /.*/),
  );
});
