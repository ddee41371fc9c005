import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddTagsToStreamCommand, ListTagsForStreamCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream, refused } from '../support/streams.ts';

const add = (Tags: Record<string, string>) => new AddTagsToStreamCommand({ StreamName: 'orders', Tags });

const many = (from: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${from + i}`, 'x']));

test('tags are added and given new values, and are there after a restart', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(add({ team: 'blue', größe: '1 + 1 = 2' }));
  await kinesis.client.send(add({ team: 'red' }));
  await kinesis.restart();
  const { Tags } = await kinesis.client.send(new ListTagsForStreamCommand({ StreamName: 'orders' }));
  assert.deepEqual(Tags, [
    { Key: 'größe', Value: '1 + 1 = 2' },
    { Key: 'team', Value: 'red' },
  ]);
});

test('odd characters, and more than 50 tags, are refused', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(
    kinesis.client.send(add({ 'a*': 'x' })),
    'InvalidArgumentException',
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @ :.',
  );
  await kinesis.client.send(add(many(0, 50)));
  await kinesis.client.send(add(many(0, 50)));
  await refused(kinesis.client.send(add(many(50, 1))), 'InvalidArgumentException', /more than 50 tags/);
});

test('of an unknown stream', async () => {
  await using kinesis = await startKinesis();
  await refused(kinesis.client.send(add({ a: 'b' })), 'ResourceNotFoundException');
});
