import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  PutRolePolicyCommand,
  ListOpenIDConnectProviderTagsCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { clientOptions, startTestServer } from '../../support/server.ts';
import { startIssuer, type Issuer } from './issuer.ts';

const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/pods`;
const root = {
  accessKeyId: 'AKIAROOTROOTROOTROOT',
  secretAccessKey: 'root secret, forty characters at least!!',
};

interface Scene {
  readonly issuer: Issuer;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly providerArn: string;
  readonly endpoint: string;
  /** Assumes the role; members of `input` replace its own. */
  readonly assume: (
    token: string,
    input?: Partial<AssumeRoleWithWebIdentityCommandInput>,
  ) => Promise<{ arn: string | undefined; tokenOf: string | undefined }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that requires keys and knows an issuer, and a role that trusts one of its service accounts. */
async function openScene({ thumbprint }: { readonly thumbprint?: string } = {}): Promise<Scene> {
  const issuer = await startIssuer();
  const server = await startTestServer({ rootKey: root, egressAllowed: [`127.0.0.1:${issuer.port}`] });
  const options = { ...clientOptions(server.endpoint), credentials: root };
  const [iam, sts] = [new IAMClient(options), new STSClient(options)];
  const providerArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer.issuer}`;
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${issuer.issuer}`,
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: [thumbprint ?? issuer.thumbprint],
    }),
  );
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'pods',
      AssumeRolePolicyDocument: trustOf(providerArn, issuer.issuer),
    }),
  );
  return {
    issuer,
    iam,
    sts,
    providerArn,
    endpoint: server.endpoint,
    async assume(token, input = {}) {
      const anonymous = new STSClient({ ...options, maxAttempts: 1 });
      const command = new AssumeRoleWithWebIdentityCommand({
        RoleArn: ROLE,
        RoleSessionName: 'pod-1',
        WebIdentityToken: token,
        ...input,
      });
      const { Credentials: made, SubjectFromWebIdentityToken } = await anonymous.send(command);
      anonymous.destroy();
      assert(made?.AccessKeyId && made.SecretAccessKey && made.SessionToken);
      const credentials = {
        accessKeyId: made.AccessKeyId,
        secretAccessKey: made.SecretAccessKey,
        sessionToken: made.SessionToken,
      };
      const pod = new STSClient({ ...options, credentials });
      const { Arn } = await pod.send(new GetCallerIdentityCommand({}));
      pod.destroy();
      return { arn: Arn, tokenOf: SubjectFromWebIdentityToken };
    },
    async [Symbol.asyncDispose]() {
      iam.destroy();
      sts.destroy();
      await server.close();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

function trustOf(providerArn: string, issuer: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: providerArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${issuer}:aud`]: 'sts.amazonaws.com',
          [`${issuer}:sub`]: 'system:serviceaccount:streams:reader',
        },
      },
    },
  });
}

function named(name: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Error && error.name.startsWith(name) && message.test(error.message);
}

test('a token of a trusted service account gives credentials of the role, without any key', async () => {
  await using scene = await openScene();
  const { issuer, assume } = scene;
  for (const alg of ['RS256', 'ES256'] as const) {
    assert.deepEqual(await assume(await issuer.token({}, alg)), {
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pods/pod-1`,
      tokenOf: 'system:serviceaccount:streams:reader',
    });
  }
  assert.equal(issuer.reads, 1, 'the keys are kept');
});

test('an unsigned request of AWS CLI’s form is accepted, and answers with provider and audience', async () => {
  await using scene = await openScene();
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'pod-1',
    WebIdentityToken: await scene.issuer.token(),
  });
  const answer = await fetch(scene.endpoint, { method: 'POST', body: form });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.match(text, new RegExp(`<Provider>${scene.providerArn}</Provider>`));
  assert.match(text, /<Audience>sts\.amazonaws\.com<\/Audience>/);
});

test('the subject and the audience of a token hold for the policies of all requests of its session', async () => {
  await using scene = await openScene();
  const { issuer, iam, sts, providerArn, endpoint } = scene;
  const allow = (key: string, value: string) => {
    const Condition = { StringEquals: { [key]: value } };
    const Statement = { Effect: 'Allow', Action: 'kinesis:ListStreams', Resource: '*', Condition };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return iam.send(new PutRolePolicyCommand({ RoleName: 'pods', PolicyName: 'own', PolicyDocument }));
  };
  const { Credentials: made } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: ROLE,
      RoleSessionName: 'pod-1',
      WebIdentityToken: await issuer.token(),
    }),
  );
  assert(made?.AccessKeyId && made.SecretAccessKey && made.SessionToken);
  const credentials = {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    sessionToken: made.SessionToken,
  };
  const kinesis = new KinesisClient({ ...clientOptions(endpoint), credentials, maxAttempts: 1 });
  const list = () => kinesis.send(new ListStreamsCommand({}));
  for (const [key, value] of [
    [`${issuer.issuer}:sub`, 'system:serviceaccount:streams:reader'],
    [`${issuer.issuer}:aud`, 'sts.amazonaws.com'],
    ['aws:FederatedProvider', providerArn],
  ] as const) {
    await allow(key, 'another');
    await assert.rejects(list(), { name: 'AccessDeniedException' }, key);
    await allow(key, value);
    await list();
  }
  kinesis.destroy();
});

test('tokens that are not right are refused, and give nothing', async () => {
  await using scene = await openScene();
  const { issuer, assume } = scene;
  const seconds = Math.floor(Date.now() / 1000);
  const [head = '', , signature = ''] = (await issuer.token()).split('.');
  const forged = Buffer.from(
    JSON.stringify({
      iss: `https://${issuer.issuer}`,
      sub: 'root',
      aud: 'sts.amazonaws.com',
      iat: seconds,
      exp: seconds + 60,
    }),
  ).toString('base64url');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const cases: [token: string, name: string, message: RegExp][] = [
    ['not a token', 'InvalidIdentityToken', /not a valid JWT/],
    [`${head}.${forged}.${signature}`, 'InvalidIdentityToken', /signature invalid/],
    [`${none}.${forged}.`, 'InvalidIdentityToken', /must be signed|signature invalid/],
    [await issuer.token({ aud: 'another' }), 'InvalidIdentityToken', /Incorrect token audience/],
    [await issuer.token({ exp: seconds - 10 }), 'ExpiredToken', /Token expired/],
    [
      await issuer.token({ iss: 'https://other.example.com' }),
      'InvalidIdentityToken',
      /No OpenIDConnect provider/,
    ],
    [await issuer.token({ sub: 'system:serviceaccount:streams:writer' }), 'AccessDenied', /Not authorized/],
    [
      await issuer.token({ 'https://aws.amazon.com/source_identity': 'somebody' }),
      'AccessDenied',
      /Not authorized/,
    ],
  ];
  for (const [token, name, message] of cases) await assert.rejects(assume(token), named(name, message));
  await assert.rejects(
    assume(await issuer.token(), { RoleArn: `arn:aws:iam::${ACCOUNT}:role/none` }),
    named('AccessDenied', /Not authorized/),
  );
  await assert.rejects(
    assume(await issuer.token(), { DurationSeconds: 7_200 }),
    named('ValidationError', /exceeds the MaxSessionDuration/),
  );
  await assert.rejects(
    assume(await issuer.token(), { ProviderId: 'www.amazon.com' }),
    named('ValidationError', /does not support ProviderId/),
  );
});

test('an issuer’s new key is refused until its keys may be read again, so that tokens cannot cause requests', async () => {
  await using scene = await openScene();
  const { issuer, assume } = scene;
  await assume(await issuer.token());
  await issuer.rotate();
  for (let n = 0; n < 3; n++) {
    await assert.rejects(assume(await issuer.token()), named('InvalidIdentityToken', /No verification key/));
  }
  assert.equal(issuer.reads, 1);
});

test('an issuer with a certificate that neither the machine nor a thumbprint vouches for is not trusted', async () => {
  await using scene = await openScene({ thumbprint: 'a'.repeat(40) });
  const token = await scene.issuer.token();
  await assert.rejects(scene.assume(token), named('IDPCommunicationError', /certificate is not trusted/));
});

test('providers are created, shown, changed and deleted as on AWS', async () => {
  await using server = await startTestServer();
  const iam = new IAMClient(clientOptions(server.endpoint));
  const Url = 'https://oidc.example.com/id/ABC';
  const thumbprint = 'A1'.repeat(20);
  const create = (url: string): Promise<unknown> =>
    iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ['a'], ThumbprintList: [thumbprint] }),
    );
  const OpenIDConnectProviderArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.example.com/id/ABC`;
  const about = { OpenIDConnectProviderArn };
  await create(Url);
  await assert.rejects(create(Url), named('EntityAlreadyExists', /already exists/));
  await assert.rejects(create('http://oidc.example.com'), named('InvalidInput', /Invalid Open ID/));
  await assert.rejects(create('https://oidc.example.com/?a=b'), named('InvalidInput', /Invalid Open ID/));
  await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...about, ClientID: 'b' }));
  await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...about, ClientID: 'a' }));
  await iam.send(
    new UpdateOpenIDConnectProviderThumbprintCommand({ ...about, ThumbprintList: ['b'.repeat(40)] }),
  );
  await iam.send(
    new TagOpenIDConnectProviderCommand({
      ...about,
      Tags: [
        { Key: 'k', Value: 'v' },
        { Key: 'l', Value: 'w' },
      ],
    }),
  );
  await iam.send(new UntagOpenIDConnectProviderCommand({ ...about, TagKeys: ['k'] }));
  await server.restart();
  const shown = await iam.send(new GetOpenIDConnectProviderCommand(about));
  assert.deepEqual(
    { url: shown.Url, ids: shown.ClientIDList, prints: shown.ThumbprintList, tags: shown.Tags },
    {
      url: 'oidc.example.com/id/ABC',
      ids: ['b'],
      prints: ['b'.repeat(40)],
      tags: [{ Key: 'l', Value: 'w' }],
    },
  );
  assert.deepEqual((await iam.send(new ListOpenIDConnectProviderTagsCommand(about))).Tags, [
    { Key: 'l', Value: 'w' },
  ]);
  const list = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  assert.deepEqual(list.OpenIDConnectProviderList, [{ Arn: OpenIDConnectProviderArn }]);
  await iam.send(new DeleteOpenIDConnectProviderCommand(about));
  await iam.send(new DeleteOpenIDConnectProviderCommand(about));
  await assert.rejects(
    iam.send(new GetOpenIDConnectProviderCommand(about)),
    named('NoSuchEntity', /not found/),
  );
  iam.destroy();
});
