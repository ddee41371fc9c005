import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  TagDeliveryStreamCommand,
} from '@aws-sdk/client-firehose';
import {
  CreateDatabaseCommand,
  DeleteDatabaseCommand,
  GetDatabaseCommand,
  GlueClient,
} from '@aws-sdk/client-glue';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type GetQueueAttributesCommandInput,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  CreateRoleCommand,
  IAMClient,
  ListUsersCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { strToU8, zipSync } from 'fflate';
import { createTagged, taggedArns } from '../services/tagging/resources.ts';
import { signedFor } from '../support/admission.ts';
import { clientOptions } from '../support/client.ts';
import { declared } from '../support/declarations.ts';
import { until } from '../support/until.ts';
import { closeMachines, type Machine } from './machines.ts';
import { counted, named, pair, rootKey } from './standby.ts';

const sentOn = { answered: 0, stale: 0, refused: 0, forwarded: 1 };

describe('a standby that answers reads', () => {
  let owner: Machine;
  let standby: Machine;

  before(async () => {
    ({ owner, standby } = await pair());
  });

  after(closeMachines);

  async function untilAnswered(read: () => Promise<unknown>): Promise<void> {
    await until(async () => (await counted(standby, read)).answered === 1);
  }

  it('answers of Glue what the owner has stored', async () => {
    const there = new GlueClient(clientOptions(owner.server.endpoint));
    const here = new GlueClient(clientOptions(standby.server.endpoint));
    await there.send(new CreateDatabaseCommand({ DatabaseInput: { Name: 'd' } }));
    const get = () => here.send(new GetDatabaseCommand({ Name: 'd' }));
    await untilAnswered(get);
    const deleting = () => here.send(new DeleteDatabaseCommand({ Name: 'd' }));
    assert.deepEqual(await counted(standby, deleting), sentOn);
    await until(async () => (await named(get())) === 'EntityNotFoundException');
    there.destroy();
    here.destroy();
  });

  it('answers of SQS what the owner has stored, and leaves the numbers of messages that wait to it', async () => {
    const options = { useQueueUrlAsEndpoint: false };
    const there = new SQSClient({ ...clientOptions(owner.server.endpoint), ...options });
    const here = new SQSClient({ ...clientOptions(standby.server.endpoint), ...options });
    const deadArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const { QueueUrl: dead } = await there.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 9 });
    const { QueueUrl } = await there.send(
      new CreateQueueCommand({ QueueName: 'q', tags: { team: 'blue' }, Attributes: { RedrivePolicy } }),
    );
    const attributes = async (...AttributeNames: GetQueueAttributesCommandInput['AttributeNames'] & object) =>
      (await here.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
    const numbers = async () => {
      const all = await attributes('All');
      return [all['ApproximateNumberOfMessages'], all['ApproximateNumberOfMessagesNotVisible']];
    };
    await untilAnswered(numbers);
    const reads = await counted(standby, async () => {
      assert.deepEqual(await numbers(), ['0', '0'], 'an empty queue');
      const url = (await here.send(new GetQueueUrlCommand({ QueueName: 'q' }))).QueueUrl;
      assert.equal(url, `${standby.server.endpoint}/000000000000/q`);
      assert.deepEqual((await here.send(new ListQueuesCommand({ QueueNamePrefix: 'q' }))).QueueUrls, [url]);
      assert.deepEqual((await here.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: 'blue' });
      const sources = await here.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
      assert.deepEqual(sources.queueUrls, [url]);
      const moves = await here.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
      assert.deepEqual(moves.Results, []);
    });
    assert.deepEqual(reads, { answered: 6, stale: 0, refused: 0, forwarded: 0 });

    const changes = await counted(standby, async () => {
      await here.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
      await here.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '60' } }));
    });
    assert.deepEqual(changes, { answered: 0, stale: 0, refused: 0, forwarded: 2 });
    await until(async () => (await attributes('VisibilityTimeout'))['VisibilityTimeout'] === '60');
    const { Messages } = await here.send(new ReceiveMessageCommand({ QueueUrl }));
    const left = await counted(standby, async () =>
      assert.deepEqual(await numbers(), ['0', '1'], 'in flight'),
    );
    assert.deepEqual(left, { answered: 0, stale: 0, refused: 1, forwarded: 1 });
    const stored = await counted(standby, () => attributes('QueueArn', 'RedrivePolicy'));
    assert.deepEqual(stored, { answered: 1, stale: 0, refused: 0, forwarded: 0 });
    await here.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
    await untilAnswered(numbers);
    there.destroy();
    here.destroy();
  });

  it('answers of Firehose what the owner has stored, without secrets', async () => {
    const [there, here] = firehoses(owner, standby);
    await createDeliveryStream(there);
    const describeHere = () => here.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'd' }));
    await untilAnswered(describeHere);
    const counts = await counted(standby, async () => {
      const { DeliveryStreamDescription: described } = await describeHere();
      const { DeliveryStreamStatus, DeliveryStreamARN, Destinations } = described ?? {};
      assert.equal(DeliveryStreamStatus, 'ACTIVE');
      assert.equal(DeliveryStreamARN, 'arn:aws:firehose:us-east-1:000000000000:deliverystream/d');
      const endpoint = Destinations?.[0]?.HttpEndpointDestinationDescription?.EndpointConfiguration;
      assert.deepEqual(endpoint, { Url: 'https://example.com/' });
      const { DeliveryStreamNames } = await here.send(new ListDeliveryStreamsCommand({}));
      assert.deepEqual(DeliveryStreamNames, ['d']);
    });
    assert.deepEqual(counts, { answered: 2, stale: 0, refused: 0, forwarded: 0 });
    const tags = [{ Key: 'team', Value: 'blue' }];
    await here.send(new TagDeliveryStreamCommand({ DeliveryStreamName: 'd', Tags: tags }));
    const tagsHere = async () => {
      const { Tags } = await here.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: 'd' }));
      return Tags?.length === 1;
    };
    await until(tagsHere);
    await untilAnswered(tagsHere);
    there.destroy();
    here.destroy();
  });

  it('leaves to the owner what only its clock tells: whether a delivery stream is active', async () => {
    const slow = await pair({}, { lifecycleMs: 600_000 }, {});
    const [there, here] = firehoses(slow.owner, slow.standby);
    await createDeliveryStream(there);
    const list = () => here.send(new ListDeliveryStreamsCommand({}));
    await until(async () => (await counted(slow.standby, list)).answered === 1);
    await until(async () => (await list()).DeliveryStreamNames?.length === 1);
    const counts = await counted(slow.standby, async () => {
      const { DeliveryStreamDescription: described } = await here.send(
        new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'd' }),
      );
      assert.equal(described?.DeliveryStreamStatus, 'CREATING');
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 1, forwarded: 1 });
    there.destroy();
    here.destroy();
  });

  it('answers of STS who calls, although the operation is named in a form', async () => {
    const here = new STSClient(clientOptions(standby.server.endpoint));
    const ask = async () => (await here.send(new GetCallerIdentityCommand({}))).Arn;
    await untilAnswered(ask);
    assert.equal(await ask(), 'arn:aws:iam::000000000000:root');
    const sign = () => here.send(new GetSessionTokenCommand({}));
    assert.deepEqual(await counted(standby, sign), sentOn);
    here.destroy();
  });

  it('answers of SNS what topics and subscriptions the owner has, and leaves messages to it', async () => {
    const there = new SNSClient(clientOptions(owner.server.endpoint));
    const here = new SNSClient(clientOptions(standby.server.endpoint));
    const { TopicArn } = await there.send(new CreateTopicCommand({ Name: 't' }));
    const displayName = async () =>
      (await here.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.['DisplayName'];
    await untilAnswered(displayName);
    const change = { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'news' };
    await there.send(new SetTopicAttributesCommand(change));
    await until(async () => (await displayName()) === 'news');
    assert.deepEqual((await here.send(new ListTopicsCommand({}))).Topics, [{ TopicArn }]);
    const publish = () => here.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(30_000) }));
    assert.deepEqual(await counted(standby, publish), sentOn);
    await there.send(new DeleteTopicCommand({ TopicArn }));
    await until(async () => (await named(displayName())) === 'NotFoundException');
    there.destroy();
    here.destroy();
  });

  it('lists the tagged resources of all services', async () => {
    await createTagged(owner.server.endpoint);
    const find = async () => {
      const response = await fetch(standby.server.endpoint, {
        method: 'POST',
        headers: {
          ...signedFor('tagging'),
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources',
        },
        body: JSON.stringify({ TagFilters: [{ Key: 'team', Values: ['data'] }] }),
      });
      const { ResourceTagMappingList: found } = (await response.json()) as {
        readonly ResourceTagMappingList: readonly { readonly ResourceARN: string }[];
      };
      return found.map(({ ResourceARN }) => ResourceARN);
    };
    const all = Object.values(taggedArns).sort();
    await until(async () => (await find()).length === all.length);
    assert.deepEqual(await find(), all);
    assert.equal((await counted(standby, find)).answered, 1);
  });

  it('answers of IAM what the owner has stored, but for the last use of a key', async () => {
    const there = new IAMClient(clientOptions(owner.server.endpoint));
    const here = new IAMClient(clientOptions(standby.server.endpoint));
    const UserName = 'ann';
    await there.send(new CreateUserCommand({ UserName }));
    const get = async () => (await here.send(new GetUserCommand({ UserName }))).User;
    await untilAnswered(get);
    await there.send(new TagUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'blue' }] }));
    await until(async () => (await get())?.Tags?.[0]?.Value === 'blue');
    assert.equal((await here.send(new ListUsersCommand({}))).Users?.[0]?.UserName, UserName);
    const { AccessKey } = await there.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const AccessKeyId = AccessKey?.AccessKeyId;
    const lastUse = () => here.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
    assert.deepEqual(await counted(standby, lastUse), sentOn);
    await there.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    await there.send(new DeleteUserCommand({ UserName }));
    await until(async () => (await named(get())) === 'NoSuchEntityException');
    there.destroy();
    here.destroy();
  });
});

describe('a standby that answers reads of functions', () => {
  after(closeMachines);

  it('answers them from its copy, with URLs of code that the owner accepts, and leaves declared ones to the owner', async () => {
    const declarations = declared({ functions: { d: { path: '/d.mjs' } } });
    const { owner, standby } = await pair({}, { rootKey, declarations }, { rootKey });
    const clients = [owner, standby].map(
      ({ server }) => new LambdaClient({ ...clientOptions(server.endpoint), credentials: rootKey }),
    );
    const [there, here] = clients;
    assert(there !== undefined && here !== undefined);
    const ZipFile = zipSync({ 'index.mjs': strToU8('export const handler = () => 1;') });
    const Role = 'arn:aws:iam::000000000000:role/r';
    const iam = new IAMClient({ ...clientOptions(owner.server.endpoint), credentials: rootKey });
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        }),
      }),
    );
    await there.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Runtime: 'nodejs24.x',
        Role,
        Handler: 'index.handler',
        Code: { ZipFile },
      }),
    );
    const get = () => here.send(new GetFunctionCommand({ FunctionName: 'f' }));
    await until(async () => (await counted(standby, get)).answered === 1);
    const { Code: { Location = '' } = {} } = await get();
    const downloaded = await fetch(Location);
    assert.deepEqual([downloaded.status, await downloaded.bytes()], [200, new Uint8Array(ZipFile)]);
    const counts = await counted(standby, async () => {
      const { Functions = [] } = await here.send(new ListFunctionsCommand({}));
      assert.deepEqual(
        Functions.map(({ FunctionName }) => FunctionName),
        ['d', 'f'],
      );
      await here.send(new GetFunctionConfigurationCommand({ FunctionName: 'd' }));
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 2, forwarded: 2 });
    await there.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    await until(async () => (await named(get())) === 'ResourceNotFoundException');
    for (const client of [iam, ...clients]) client.destroy();
  });
});

function firehoses(owner: Machine, standby: Machine): readonly [FirehoseClient, FirehoseClient] {
  return [
    new FirehoseClient(clientOptions(owner.server.endpoint)),
    new FirehoseClient(clientOptions(standby.server.endpoint)),
  ];
}

async function createDeliveryStream(client: FirehoseClient): Promise<void> {
  const RoleARN = 'arn:aws:iam::000000000000:role/r';
  await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'd',
      HttpEndpointDestinationConfiguration: {
        EndpointConfiguration: { Url: 'https://example.com/', AccessKey: 'secret' },
        S3Configuration: { RoleARN, BucketARN: 'arn:aws:s3:::lake' },
      },
    }),
  );
}
