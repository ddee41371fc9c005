import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientOptions, startTestServer, type TestServer } from '../../../support/server.ts';

export interface Scene {
  readonly server: TestServer;
  readonly sns: SNSClient;
  /** Of the topic `news`. */
  readonly topicArn: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server of its own with a topic, and AWS's client for it. */
export async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const sns = new SNSClient(clientOptions(server.endpoint));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  return {
    server,
    sns,
    topicArn: TopicArn,
    async [Symbol.asyncDispose]() {
      sns.destroy();
      await server.close();
    },
  };
}

export const READER = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

/** Whom AWS's client makes of an answer that is an error. */
export function errorNamed(name: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Error && error.name.startsWith(name) && message.test(error.message);
}
