import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import type { Config } from '../../../src/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ROOT } from '../signature/signer.ts';

export const ACCOUNT = '000000000000';

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a client of AWS's needs to be somebody. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Key;
  readonly maxAttempts: number;
}

/** A server that requires signatures, and the means to be many people at it. */
export interface Scene {
  readonly server: TestServer;
  readonly iam: IAMClient;
  as(key: Key): ClientOptions;
  readonly root: ClientOptions;
  /** A new user with one inline policy of these statements, and a key of theirs. */
  user(name: string, ...statements: readonly object[]): Promise<ClientOptions>;
  putPolicy(userName: string, ...statements: readonly object[]): Promise<void>;
  role(name: string, trust: object, ...statements: readonly object[]): Promise<string>;
  assume(caller: ClientOptions, input: Partial<AssumeRoleCommandInput>): Promise<ClientOptions>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openScene(options: Partial<Config> = {}): Promise<Scene> {
  const server = await startTestServer({ rootKey: ROOT, ...options });
  const as = (credentials: Key): ClientOptions => ({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const iam = new IAMClient(as(ROOT));
  const putPolicy = async (UserName: string, ...statements: readonly object[]): Promise<void> => {
    const PolicyDocument = policy(...statements);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  };
  return {
    server,
    iam,
    as,
    root: as(ROOT),
    putPolicy,
    async user(UserName, ...statements) {
      await iam.send(new CreateUserCommand({ UserName }));
      if (statements.length > 0) await putPolicy(UserName, ...statements);
      const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
      return as({ accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' });
    },
    async role(RoleName, trust, ...statements) {
      const AssumeRolePolicyDocument = policy(trust);
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
      if (statements.length > 0) {
        const PolicyDocument = policy(...statements);
        await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
      }
      return Role?.Arn ?? '';
    },
    async assume(caller, input) {
      const sts = new STSClient(caller);
      const { Credentials: made } = await sts.send(
        new AssumeRoleCommand({ RoleArn: undefined, RoleSessionName: 'session', ...input }),
      );
      return as({
        accessKeyId: made?.AccessKeyId ?? '',
        secretAccessKey: made?.SecretAccessKey ?? '',
        sessionToken: made?.SessionToken ?? '',
      });
    },
    async [Symbol.asyncDispose]() {
      iam.destroy();
      await server.close();
    },
  };
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** A statement of a trust policy for a service. */
export function trustIn(service: string): object {
  return { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
}

export function allow(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  more = {},
) {
  return { Effect: 'Allow', Action, Resource, ...more };
}

export function deny(
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  more = {},
) {
  return { Effect: 'Deny', Action, Resource, ...more };
}

export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

interface ClientError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** How a call ended: `ok`, or the refusal. Other errors than refusals are `ok`: the call was allowed. */
export async function outcome(call: Promise<unknown>): Promise<'ok' | Refusal> {
  try {
    await call;
    return 'ok';
  } catch (thrown) {
    const error = thrown as ClientError; // AWS's clients throw nothing else
    const code = error.name;
    if (
      !/^(?:AccessDenied|AccessDeniedException|AuthorizationError(?:Exception)?|403|Forbidden)$/.test(code)
    ) {
      if (!('$metadata' in error)) throw error;
      return 'ok';
    }
    return { code, status: error.$metadata?.httpStatusCode ?? 0, message: error.message };
  }
}

/** `ok`, or what the refusal says after the caller's ARN. */
export async function said(call: Promise<unknown>): Promise<string> {
  const ended = await outcome(call);
  if (ended === 'ok') return 'ok';
  return ended.message.replace(/^User: \S+ is not authorized to perform: /, '');
}
