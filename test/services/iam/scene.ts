import { IAMClient } from '@aws-sdk/client-iam';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';

export interface Scene {
  readonly server: TestServer;
  readonly iam: IAMClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server of its own and AWS's client for IAM. */
export async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const iam = new IAMClient(clientOptions(server.endpoint));
  return {
    server,
    iam,
    async [Symbol.asyncDispose]() {
      iam.destroy();
      await server.close();
    },
  };
}

export function document(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const allowPut = document({
  Effect: 'Allow',
  Action: 'kinesis:PutRecord',
  Resource: 'arn:aws:kinesis:*:*:stream/orders',
});

export const trustLambda = document({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});

/** An error of AWS's client by its code, which may be the name of a shape or end with `Exception`, and its message. */
export function errorOf(code: string, message: string | RegExp): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof Error) || error.name.replace(/Exception$/, '') !== code) return false;
    return typeof message === 'string' ? error.message === message : message.test(error.message);
  };
}
