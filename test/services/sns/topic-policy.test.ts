import { unlimited } from '../../support/unlimited.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetDataProtectionPolicyCommand,
  GetTopicAttributesCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { Targets } from '../../../src/aws/targets.ts';
import { openSns } from '../../../src/services/sns/sns.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { applyDeclared, declared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/server.ts';
import { errorNamed, openScene } from './operations/scene.ts';

const NEWS = 'arn:aws:sns:us-east-1:000000000000:news';

/** Lets an alarm publish, as most templates do. */
const allowing = (changes: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'alarms',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: NEWS,
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:*' } },
        ...changes,
      },
    ],
  });

const setPolicy = (sns: SNSClient, AttributeValue: string, TopicArn = NEWS) =>
  sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));

const refusedWith = (reason: RegExp) => errorNamed('InvalidParameter', reason);

const withNews = (policy: unknown) => ({ topics: { news: { policy } } });

async function policyOf(sns: SNSClient): Promise<string> {
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: NEWS }));
  return Attributes?.['Policy'] ?? '';
}

async function statementsOf(sns: SNSClient): Promise<readonly unknown[]> {
  const { Statement } = JSON.parse(await policyOf(sns)) as { readonly Statement: readonly unknown[] };
  return Statement;
}

test('a topic shows the policy that was set, also after a restart, or else the default one', async () => {
  await using scene = await openScene();
  const { sns, server } = scene;
  const initial = await policyOf(sns);
  assert.deepEqual(JSON.parse(initial), {
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: NEWS,
        Condition: { StringEquals: { 'AWS:SourceOwner': '000000000000' } },
      },
    ],
  });
  await setPolicy(sns, allowing());
  await server.restart();
  assert.equal(await policyOf(sns), allowing());
  await setPolicy(sns, initial);
  assert.equal(await policyOf(sns), initial);
});

test('a topic is created with its policy, and again only with the same one', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  await sns.send(new DeleteTopicCommand({ TopicArn: NEWS }));
  const create = (Policy: string) =>
    sns.send(new CreateTopicCommand({ Name: 'news', Attributes: { Policy } }));
  await create(allowing());
  await create(JSON.stringify(JSON.parse(allowing()), undefined, 2));
  await create(allowing({ Action: ['sns:Publish'] }));
  const different = errorNamed('InvalidParameter', /Topic already exists with different attributes/);
  await assert.rejects(create(allowing({ Action: 'sns:Subscribe' })), different);
  await sns.send(new DeleteTopicCommand({ TopicArn: NEWS }));
  await sns.send(new CreateTopicCommand({ Name: 'news' }));
  assert.match(await policyOf(sns), /__default_statement_ID/);
});

test('policies that AWS refuses are refused, in its words where they are known', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  const statements = Array.from({ length: 101 }, (_, n) => ({
    ...JSON.parse(allowing()).Statement[0],
    Sid: `${n}`,
  }));
  for (const [policy, reason] of [
    ['{', /^Invalid parameter: Policy Error: This policy contains invalid Json$/],
    ['{}', /^Invalid parameter: Policy Error: Syntax errors in policy\.$/],
    [allowing({ Action: 'sns:*' }), /^Invalid parameter: Policy statement action out of service scope!$/],
    [allowing({ Action: 'sns:Unsubscribe' }), /action out of service scope!$/],
    [allowing({ Action: 'sqs:SendMessage' }), /action out of service scope!$/],
    [allowing({ Resource: [NEWS, `${NEWS}2`] }), /Policy statement must apply to a single resource!$/],
    [allowing({ Resource: `${NEWS}2` }), /is not this topic$/],
    [allowing({ Principal: { AWS: 'nobody' } }), /Policy Error: Invalid principal in policy: "AWS":"nobody"/],
    [allowing({ Condition: { Equals: { 'aws:SourceArn': 'x' } } }), /Policy Error: Syntax errors/],
    [allowing({ Principal: { AWS: Array(201).fill('000000000000') } }), /more than 200 principals$/],
    [JSON.stringify({ Statement: statements }), /more than 100 statements$/],
    [allowing({ Sid: 'x'.repeat(30 * 1024) }), /larger than 30720 bytes$/],
  ] as const) {
    await assert.rejects(setPolicy(sns, policy), errorNamed('InvalidParameter', reason));
  }
  await assert.rejects(
    setPolicy(sns, allowing(), `${NEWS}2`),
    errorNamed('NotFound', /Topic does not exist/),
  );
});

test('permissions are statements of the policy', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  const add = (given: { Label?: string; AWSAccountId?: string[]; ActionName?: string[] }) =>
    sns.send(
      new AddPermissionCommand({
        TopicArn: NEWS,
        Label: 'others',
        AWSAccountId: ['111122223333'],
        ActionName: ['Publish'],
        ...given,
      }),
    );
  const remove = (Label: string) => sns.send(new RemovePermissionCommand({ TopicArn: NEWS, Label }));
  const before = await policyOf(sns);
  await add({ AWSAccountId: ['111122223333', '444455556666'], ActionName: ['Publish', 'Subscribe'] });
  await add({ Label: 'one' });
  const [, others, one, ...more] = await statementsOf(sns);
  assert.deepEqual(others, {
    Sid: 'others',
    Effect: 'Allow',
    Principal: { AWS: ['arn:aws:iam::111122223333:root', 'arn:aws:iam::444455556666:root'] },
    Action: ['SNS:Publish', 'SNS:Subscribe'],
    Resource: NEWS,
  });
  assert.deepEqual(one, {
    Sid: 'one',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action: 'SNS:Publish',
    Resource: NEWS,
  });
  assert.deepEqual(more, []);

  await assert.rejects(add({}), refusedWith(/^Invalid parameter: Statement already exists$/));
  await assert.rejects(
    add({ Label: 'x', ActionName: ['CreateTopic'] }),
    refusedWith(/out of service scope!$/),
  );
  await assert.rejects(add({ Label: 'x', AWSAccountId: ['1'] }), refusedWith(/AWSAccountId$/));
  await assert.rejects(add({ Label: 'x', AWSAccountId: [] }), refusedWith(/AWSAccountId$/));
  await assert.rejects(add({ Label: 'x y' }), refusedWith(/Label$/));

  await remove('others');
  await remove('one');
  await remove('unknown');
  assert.equal(await policyOf(sns), before);
  await remove('__default_statement_ID');
  assert.deepEqual(await statementsOf(sns), []);
  await add({ Label: 'one' });
  assert.deepEqual(await statementsOf(sns), [one]);
});

test('topics have no data protection policy', async () => {
  await using scene = await openScene();
  const get = (ResourceArn: string) => scene.sns.send(new GetDataProtectionPolicyCommand({ ResourceArn }));
  assert.equal((await get(NEWS)).DataProtectionPolicy, undefined);
  await assert.rejects(get(`${NEWS}2`), errorNamed('NotFound', /Topic does not exist/));
});

test('a declared policy is set, changed and left, and is found by ARN', async () => {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const sns = await openSns({
    engine,
    clock: systemClock,
    metrics: new MetricRegistry(),
    targets: new Targets(unlimited),
    endpoint: () => 'http://127.0.0.1:4566',
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
  });
  const policyIs = () => sns.policies.policyOf(NEWS);
  const actions = (content: object) =>
    Promise.all(
      sns.declarer
        .plan(declared(content), { allowReshard: false, baseDir: folder })
        .map(async (thing) => (await thing.check()).action),
    );
  assert.equal(policyIs(), undefined);
  const asMap = withNews(JSON.parse(allowing()));
  assert.deepEqual(await actions(asMap), ['create']);
  await applyDeclared(sns.declarer, asMap);
  assert.equal(policyIs(), allowing());
  assert.deepEqual(await actions(asMap), ['leave']);
  assert.deepEqual(await actions(withNews(allowing())), ['leave']);
  assert.deepEqual(await actions({ topics: { news: {} } }), ['leave']);
  const other = withNews(allowing({ Action: ['sns:Publish', 'sns:Subscribe'] }));
  assert.deepEqual(await actions(other), ['change']);
  await applyDeclared(sns.declarer, other);
  assert.match(policyIs() ?? '', /sns:Subscribe/);
  await assert.rejects(() => actions(withNews(allowing({ Action: 'sns:*' }))), /out of service scope/);
  await (await sns.declarer.find(['topics', 'news']))?.remove();
  assert.equal(policyIs(), undefined);
  await sns.close();
  await engine.close();
});
