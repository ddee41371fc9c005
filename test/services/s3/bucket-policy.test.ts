import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  PutBucketAclCommand,
  type PutBucketAclCommandInput,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { applyDeclared, declared } from '../../support/declarations.ts';
import { refused } from './expect.ts';
import { startTestStorage, type TestStorage } from './support.ts';

const Bucket = 'bucket';
const ARN = 'arn:aws:s3:::bucket';

const policy = (changes: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'reader',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 's3:GetObject',
        Resource: `${ARN}/*`,
        ...changes,
      },
    ],
  });

const everyone = { Principal: '*' };

describe('the policy of a bucket', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
    await storage.client.send(new CreateBucketCommand({ Bucket }));
  });
  after(() => storage.close());

  const put = (Policy: string) => storage.client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  const get = async () => (await storage.client.send(new GetBucketPolicyCommand({ Bucket }))).Policy;
  const policyOf = (arn: string) => storage.policies.policyOf(arn);

  it('is returned as it was put, found by the ARNs of the bucket and its objects, and deleted', async () => {
    const text = JSON.stringify(JSON.parse(policy()), undefined, 2);
    await put(text);
    assert.equal(await get(), text);
    assert.equal(policyOf(ARN), text);
    assert.equal(policyOf(`${ARN}/a/key`), text);
    assert.equal(policyOf('arn:aws:s3:::other/a/key'), undefined);
    await storage.client.send(new DeleteBucketPolicyCommand({ Bucket }));
    await storage.client.send(new DeleteBucketPolicyCommand({ Bucket }));
    await refused(get(), 'NoSuchBucketPolicy', 404, { BucketName: Bucket });
    assert.equal(policyOf(ARN), undefined);
  });

  it('ends with its bucket', async () => {
    const other = { Bucket: 'other' };
    const { client } = storage;
    await client.send(new CreateBucketCommand(other));
    const Policy = policy({ Resource: 'arn:aws:s3:::other/*' });
    await client.send(new PutBucketPolicyCommand({ ...other, Policy }));
    await client.send(new DeleteBucketCommand(other));
    await client.send(new CreateBucketCommand(other));
    await refused(client.send(new GetBucketPolicyCommand(other)), 'NoSuchBucketPolicy', 404);
    const nowhere = client.send(new PutBucketPolicyCommand({ Bucket: 'nowhere', Policy }));
    await refused(nowhere, 'NoSuchBucket', 404);
  });

  it('is refused in the words of S3 when it is malformed', async () => {
    for (const [text, message] of [
      [`[${policy()}]`, "Policies must be valid JSON and the first byte must be '{'"],
      ['{', 'This policy contains invalid Json'],
      [policy({ Principal: undefined }), 'Missing required field Principal'],
      [policy({ Action: undefined }), 'Missing required field Action'],
      [policy({ Resource: undefined }), 'Missing required field Resource'],
      [policy({ Principal: { AWS: 'nobody' } }), 'Invalid principal in policy'],
      [policy({ Action: 'kinesis:GetRecords' }), 'Policy has invalid action'],
      [policy({ Action: 'GetObject' }), 'Policy has invalid action'],
      [policy({ Resource: 'arn:aws:s3:::other/*' }), 'Policy has invalid resource'],
      [policy({ Resource: 'bucket/*' }), 'Policy has invalid resource'],
      [policy({ Resource: ARN }), 'Action does not apply to any resource(s) in statement'],
      [policy({ Action: 's3:ListBucket' }), 'Action does not apply to any resource(s) in statement'],
      [
        policy({ Sid: 'x'.repeat(20 * 1024) }),
        'Normalized policy document exceeds the maximum allowed size of 20480 bytes',
      ],
    ] as const) {
      await assert.rejects(put(text), { name: 'MalformedPolicy', message });
    }
    await put(policy({ Action: ['s3:GetObject', 's3:ListBucket'], Resource: [ARN, `${ARN}/*`] }));
    await put(policy({ Action: 's3:*' }));
    await put(policy({ Action: 's3:ListBucket', Resource: `${ARN}*` }));
  });

  it('may be public only where the public access block does not forbid it', async () => {
    const { client } = storage;
    const isPublic = async () =>
      (await client.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic;
    await put(policy());
    assert.equal(await isPublic(), false);
    await refused(put(policy(everyone)), 'AccessDenied', 403);
    await refused(
      put(policy({ Principal: undefined, NotPrincipal: { AWS: '111122223333' } })),
      'AccessDenied',
      403,
    );
    const fixed = { ...everyone, Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } };
    await put(policy(fixed));
    assert.equal(await isPublic(), false);
    const anywhere = { ...everyone, Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } } };
    await refused(put(policy(anywhere)), 'AccessDenied', 403);
    await put(policy({ ...everyone, Effect: 'Deny' }));

    const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    await put(policy(everyone));
    assert.equal(await isPublic(), true);
    // RestrictPublicBuckets leaves the policy to the bucket's own account and to services.
    assert.deepEqual(JSON.parse(policyOf(ARN) ?? '').Statement.slice(1), [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [ARN, `${ARN}/*`],
        Condition: {
          StringNotEquals: { 'aws:PrincipalAccount': '000000000000' },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ]);
    assert.equal(await get(), policy(everyone));
    await client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    assert.equal(policyOf(ARN), policy(everyone));
  });

  it('comes beside access control lists, of which only that of the owner exists', async () => {
    const { client } = storage;
    const acl = (given: Omit<PutBucketAclCommandInput, 'Bucket'>) =>
      client.send(new PutBucketAclCommand({ Bucket, ...given }));
    await refused(acl({ ACL: 'private' }), 'AccessControlListNotSupported', 400);
    await refused(acl({ ACL: 'public-read' }), 'AccessControlListNotSupported', 400);
    const object = { Bucket, Key: 'key', ACL: 'public-read' } as const;
    await refused(client.send(new PutObjectCommand(object)), 'AccessControlListNotSupported', 400);
    const Rules = [{ ObjectOwnership: 'BucketOwnerPreferred' as const }];
    await client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules } }));
    await acl({ ACL: 'private' });
    const { Owner, Grants = [] } = await client.send(new GetBucketAclCommand({ Bucket }));
    await acl({ AccessControlPolicy: { Owner, Grants } });
    await refused(acl({ ACL: 'public-read' }), 'NotImplemented', 501);
    const others = [
      { Grantee: { ID: 'b'.repeat(64), Type: 'CanonicalUser' as const }, Permission: 'READ' as const },
    ];
    const given = { Owner, Grants: [...Grants, ...others] };
    await refused(acl({ AccessControlPolicy: given }), 'NotImplemented', 501);
    await refused(acl({}), 'MalformedACLError', 400);
  });
});

describe('a declared policy of a bucket', () => {
  let storage: TestStorage;
  before(async () => {
    storage = await startTestStorage();
  });
  after(() => storage.close());

  it('is put, changed and left, and refused as PutBucketPolicy refuses it', async () => {
    const { declarer, policies } = storage;
    const steps = (buckets: unknown) =>
      Promise.all(
        declarer
          .plan(declared({ buckets }), { allowReshard: false, baseDir: storage.objects })
          .map(async (thing) => (await thing.check()).action),
      );
    assert.deepEqual(await steps({ bucket: { policy: JSON.parse(policy()) } }), ['create']);
    await applyDeclared(declarer, { buckets: { bucket: { policy: policy() } } });
    assert.equal(policies.policyOf(ARN), policy());
    assert.deepEqual(await steps({ bucket: { policy: JSON.parse(policy()) } }), ['leave']);
    assert.deepEqual(await steps(['bucket', 'second']), ['leave', 'create']);
    assert.deepEqual(await steps({ bucket: null }), ['leave']);
    const other = { bucket: { policy: policy({ Effect: 'Deny' }) } };
    assert.deepEqual(await steps(other), ['change']);
    await applyDeclared(declarer, { buckets: other });
    assert.equal(policies.policyOf(ARN), policy({ Effect: 'Deny' }));
    await assert.rejects(() => steps({ bucket: { policy: policy(everyone) } }), {
      name: 'ServiceError',
      code: 'AccessDenied',
    });
    await assert.rejects(() => steps({ bucket: { policy: policy({ Resource: 'x' }) } }), {
      code: 'MalformedPolicy',
    });
  });
});
