import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  ListTagsForResourceCommand,
  paginateListDashboards,
  PutDashboardCommand,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene } from './scene.ts';

const metrics = [['AWS/Kinesis', 'IncomingRecords', 'StreamName', 'orders', { stat: 'Sum' }]];
const body = JSON.stringify({
  start: '-PT6H',
  widgets: [
    { type: 'metric', x: 0, y: 0, width: 12, height: 6, properties: { metrics, region: 'us-east-1' } },
    { type: 'text', width: 3, height: 3, properties: { markdown: 'Hello' } },
    { type: 'log', properties: { query: "SOURCE '/aws/lambda/a' | fields @message" } },
  ],
});

test('a dashboard is kept as it was put, listed and deleted, also after a restart', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const put = (name: string) =>
    cloudWatch.send(new PutDashboardCommand({ DashboardName: name, DashboardBody: body }));
  assert.deepEqual((await put('orders')).DashboardValidationMessages, []);
  await put('other');
  await scene.server.restart();
  const found = await cloudWatch.send(new GetDashboardCommand({ DashboardName: 'orders' }));
  assert.equal(found.DashboardBody, body);
  assert.equal(found.DashboardArn, 'arn:aws:cloudwatch::000000000000:dashboard/orders');
  const listed = await cloudWatch.send(new ListDashboardsCommand({ DashboardNamePrefix: 'or' }));
  assert.deepEqual(
    listed.DashboardEntries?.map(({ DashboardName, Size }) => [DashboardName, Size]),
    [['orders', Buffer.byteLength(body)]],
  );
  await assert.rejects(
    cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: ['orders', 'none'] })),
    errorNamed('ResourceNotFound', /^Dashboard none does not exist$/),
  );
  await cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: ['orders', 'other'] }));
  for await (const { DashboardEntries } of paginateListDashboards({ client: cloudWatch }, {})) {
    assert.deepEqual(DashboardEntries, []);
  }
  await assert.rejects(
    cloudWatch.send(new GetDashboardCommand({ DashboardName: 'orders' })),
    errorNamed('ResourceNotFound', /^Dashboard orders does not exist$/),
  );
});

test('a dashboard has tags, which replacing it keeps', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const put = { DashboardName: 'd', DashboardBody: body };
  await cloudWatch.send(new PutDashboardCommand({ ...put, Tags: [{ Key: 'a', Value: '1' }] }));
  const ResourceARN = 'arn:aws:cloudwatch::000000000000:dashboard/d';
  await cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] }));
  await cloudWatch.send(new PutDashboardCommand(put));
  const { Tags } = await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }));
  assert.deepEqual(Tags, [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
});

test('an invalid body is refused with a list of its problems', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const refused = async (DashboardBody: string, message: RegExp, DashboardName = 'd') =>
    assert.rejects(
      cloudWatch.send(new PutDashboardCommand({ DashboardName, DashboardBody })),
      errorNamed('DashboardInvalidInputError', message),
    );
  await refused('{', /^The field DashboardBody must be a valid JSON object$/);
  await refused('[]', /^The field DashboardBody must be a valid JSON object$/);
  await refused('{}', /there are 1 validation errors:\n\[\n {2}\{\n {4}"dataPath": "",\n/);
  const problems = {
    widgets: [
      { type: 'metric', width: 25, properties: { metrics: [['A', 1], 'B'] } },
      { type: 'none', properties: {} },
      { type: 'text', properties: {} },
      'x',
    ],
  };
  await assert.rejects(
    cloudWatch.send(new PutDashboardCommand({ DashboardName: 'd', DashboardBody: JSON.stringify(problems) })),
    (error: Error) => {
      const [head = '', ...rest] = error.message.split('\n');
      assert.equal(head, 'The dashboard body is invalid, there are 6 validation errors:');
      assert.deepEqual(
        (JSON.parse(rest.join('\n')) as { dataPath: string; message: string }[]).map(
          ({ dataPath, message }) => `${dataPath} ${message}`,
        ),
        [
          '/widgets/0/width Should be <= 24',
          '/widgets/0/properties/metrics/0/1 Invalid metric field type, only "String" type is allowed',
          '/widgets/0/properties/metrics/1 Should be array',
          '/widgets/1/type Should be equal to one of the allowed values',
          "/widgets/2/properties Should have required property 'markdown'",
          '/widgets/3 Should be object',
        ],
      );
      return true;
    },
  );
  await refused(body, /^The value a b for field DashboardName contains invalid characters/, 'a b');
});
