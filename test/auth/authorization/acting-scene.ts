import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Config } from '../../../src/config.ts';
import { zip } from '../../services/lambda/lambda-server.ts';
import { ACCOUNT, openScene, policy, type Scene } from './scene.ts';

/** Sends what it gets to the queue that QUEUE names: a text for each record, or the event. */
const FORWARDER = `
  import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
  const sqs = new SQSClient();
  const textOf = ({ kinesis, Sns, body }) => kinesis ? atob(kinesis.data) : Sns ? Sns.Message : body;
  export const handler = async (event) => {
    if (event.fails) throw new Error('it is to fail');
    for (const MessageBody of event.Records?.map(textOf) ?? [JSON.stringify(event)])
      await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody }));
  };`;

/** A scene with what services deliver to. */
export interface ActingScene {
  readonly scene: Scene;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  topic(name: string): Promise<string>;
  /** ARN. */
  queue(name: string, ...statements: readonly object[]): Promise<string>;
  setQueuePolicy(arn: string, ...statements: readonly object[]): Promise<void>;
  setRolePolicy(name: string, ...statements: readonly object[]): Promise<void>;
  /** A function that forwards to the queue, with that role; its ARN. */
  forwarder(name: string, role: string, queue: string, more?: object): Promise<string>;
  /** Takes all messages that are there now; waits for the first one, up to that many seconds. */
  take(queue: string, seconds?: number): Promise<string[]>;
  sum(Namespace: string, MetricName: string, dimension: readonly [string, string]): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openActingScene(options: Partial<Config> = {}): Promise<ActingScene> {
  const scene = await openScene({ functionIsolation: 'off', ...options });
  const sns = new SNSClient(scene.root);
  const sqs = new SQSClient(scene.root);
  const lambda = new LambdaClient(scene.root);
  const cloudWatch = new CloudWatchClient(scene.root);
  const urlOf = (arn: string): string => `${scene.server.endpoint}/${ACCOUNT}/${arn.split(':').at(-1)}`;
  const setQueuePolicy = async (arn: string, ...statements: readonly object[]): Promise<void> => {
    const Policy = statements.length === 0 ? '' : policy(...statements);
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(arn), Attributes: { Policy } }));
  };
  return {
    scene,
    sns,
    sqs,
    lambda,
    setQueuePolicy,
    async topic(Name) {
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name }));
      return TopicArn;
    },
    async queue(QueueName, ...statements) {
      await sqs.send(new CreateQueueCommand({ QueueName }));
      const arn = `arn:aws:sqs:us-east-1:${ACCOUNT}:${QueueName}`;
      if (statements.length > 0) await setQueuePolicy(arn, ...statements);
      return arn;
    },
    async setRolePolicy(RoleName, ...statements) {
      const PolicyDocument = policy(...statements);
      await scene.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
    },
    async forwarder(FunctionName, Role, queue, more = {}) {
      const { FunctionArn = '' } = await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 20,
          MemorySize: 512,
          Environment: { Variables: { QUEUE: urlOf(queue) } },
          Code: { ZipFile: zip({ 'index.mjs': FORWARDER }) },
          ...more,
        }),
      );
      return FunctionArn;
    },
    async take(arn, seconds = 20) {
      const bodies: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: urlOf(arn),
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: bodies.length === 0 ? seconds : 0,
          }),
        );
        if (Messages.length === 0) return bodies;
        for (const { Body = '', ReceiptHandle } of Messages) {
          bodies.push(Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(arn), ReceiptHandle }));
        }
      }
    },
    async sum(Namespace, MetricName, [Name, Value]) {
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace,
          MetricName,
          Dimensions: [{ Name, Value }],
          StartTime: new Date(Date.now() - 3_600_000),
          EndTime: new Date(Date.now() + 3_600_000),
          Period: 7200,
          Statistics: ['Sum'],
        }),
      );
      return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
    },
    async [Symbol.asyncDispose]() {
      for (const client of [sns, sqs, lambda, cloudWatch]) client.destroy();
      await scene[Symbol.asyncDispose]();
    },
  };
}

/** Lets a service act on a resource, for one source. */
export function letService(Service: string, Action: string, Resource: string, source: string): object {
  return {
    Effect: 'Allow',
    Principal: { Service },
    Action,
    Resource,
    Condition: { ArnEquals: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
  };
}
