import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteGroupCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupsForUserCommand,
  ListInstanceProfilesForRoleCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListUserTagsCommand,
  ListUsersCommand,
  paginateListUsers,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  RemoveUserFromGroupCommand,
  SetDefaultPolicyVersionCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { allowPut, document, errorOf, openScene, trustLambda } from './scene.ts';

const KINESIS_ROLE = 'arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole';

test('a role keeps its trust policy, inline and attached policies, boundary and tags, also through a restart', async () => {
  await using scene = await openScene();
  const { iam, server } = scene;
  const made = await iam.send(
    new CreateRoleCommand({
      RoleName: 'Handler',
      Path: '/team/',
      AssumeRolePolicyDocument: trustLambda,
      Description: 'handles orders',
      Tags: [{ Key: 'team', Value: 'data' }],
    }),
  );
  assert.equal(made.Role?.Arn, 'arn:aws:iam::000000000000:role/team/Handler');
  assert.match(made.Role?.RoleId ?? '', /^AROA[A-Z2-7]{17}$/);
  const RoleName = 'Handler';
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'put', PolicyDocument: allowPut }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: KINESIS_ROLE }));
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: KINESIS_ROLE }));
  await iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200 }));
  await server.restart();
  // Names ignore case, as on AWS.
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: 'handler' }));
  assert.equal(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ''), trustLambda);
  assert.equal(role?.Description, 'handles orders');
  assert.equal(role?.MaxSessionDuration, 7200);
  assert.deepEqual(role?.Tags, [{ Key: 'team', Value: 'data' }]);
  assert.equal(role?.PermissionsBoundary?.PermissionsBoundaryArn, KINESIS_ROLE);
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'put' }));
  assert.equal(decodeURIComponent(inline.PolicyDocument ?? ''), allowPut);
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  assert.deepEqual(attached.AttachedPolicies, [
    { PolicyName: 'AWSLambdaKinesisExecutionRole', PolicyArn: KINESIS_ROLE },
  ]);
  const policy = await iam.send(new GetPolicyCommand({ PolicyArn: KINESIS_ROLE }));
  assert.equal(policy.Policy?.AttachmentCount, 1);
  assert.equal(policy.Policy?.PermissionsBoundaryUsageCount, 1);
});

// The messages are AWS's own, as its tools and their users know them.
test('what is missing, exists already or is still in use is refused with the errors of AWS', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const RoleName = 'handler';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustLambda }));
  await assert.rejects(
    iam.send(new CreateRoleCommand({ RoleName: 'HANDLER', AssumeRolePolicyDocument: trustLambda })),
    errorOf('EntityAlreadyExists', 'Role with name HANDLER already exists.'),
  );
  await assert.rejects(
    iam.send(new GetRoleCommand({ RoleName: 'other' })),
    errorOf('NoSuchEntity', 'The role with name other cannot be found.'),
  );
  await assert.rejects(
    iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: '__proto__' })),
    errorOf('NoSuchEntity', 'The role policy with name __proto__ cannot be found.'),
  );
  await assert.rejects(
    iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/NoSuchPolicy' })),
    errorOf(
      'NoSuchEntity',
      'Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.',
    ),
  );
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: KINESIS_ROLE }));
  await assert.rejects(
    iam.send(new DeleteRoleCommand({ RoleName })),
    errorOf('DeleteConflict', 'Cannot delete entity, must detach all policies first.'),
  );
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: KINESIS_ROLE }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'put', PolicyDocument: allowPut }));
  await assert.rejects(
    iam.send(new DeleteRoleCommand({ RoleName })),
    errorOf('DeleteConflict', 'Cannot delete entity, must delete policies first.'),
  );
  await assert.rejects(
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: allowPut })),
    errorOf('MalformedPolicyDocument', 'Has prohibited field Resource'),
  );
  await assert.rejects(
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'bad', PolicyDocument: '{' })),
    errorOf('MalformedPolicyDocument', 'This policy contains invalid Json'),
  );
  const long = document({ Effect: 'Allow', Action: `s3:${'a'.repeat(10_300)}`, Resource: '*' });
  await assert.rejects(
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'long', PolicyDocument: long })),
    errorOf('LimitExceeded', 'Maximum policy size of 10240 bytes exceeded for role handler'),
  );
  await assert.rejects(
    iam.send(new CreateUserCommand({ UserName: 'a b' })),
    errorOf('ValidationError', /userName/),
  );
});

test('access keys: two for each user, the secret once, and encrypted on disk', async () => {
  await using scene = await openScene();
  const { iam, server } = scene;
  const UserName = 'ann';
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId = '', SecretAccessKey: secret = '' } = key ?? {};
  assert.match(AccessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.match(secret, /^[A-Za-z0-9+/]{40}$/);
  await iam.send(new CreateAccessKeyCommand({ UserName }));
  await assert.rejects(
    iam.send(new CreateAccessKeyCommand({ UserName })),
    errorOf('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2'),
  );
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }));
  const { AccessKeyMetadata: listed = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  assert.equal(listed.length, 2);
  assert.equal(listed.find((one) => one.AccessKeyId === AccessKeyId)?.Status, 'Inactive');
  const used = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  assert.deepEqual([used.UserName, used.AccessKeyLastUsed?.ServiceName], ['ann', 'N/A']);
  // Keys stay with a user that gets another name.
  await iam.send(new UpdateUserCommand({ UserName, NewUserName: 'anna' }));
  assert.equal((await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).UserName, 'anna');
  await assert.rejects(
    iam.send(new DeleteUserCommand({ UserName: 'anna' })),
    errorOf('DeleteConflict', 'Cannot delete entity, must delete access keys first.'),
  );
  await server.stop();
  for (const file of readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' })) {
    const path = join(server.dataDir, file);
    if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes(secret), `${file} has the secret`);
  }
  await server.restart();
  for (const { AccessKeyId: id } of listed) {
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'anna', AccessKeyId: id }));
  }
  await iam.send(new DeleteUserCommand({ UserName: 'anna' }));
});

test('a call without a user name is about the user of its access key, else about the account', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const { User: root } = await iam.send(new GetUserCommand({}));
  assert.equal(root?.Arn, 'arn:aws:iam::000000000000:root');
  await assert.rejects(
    iam.send(new ListAccessKeysCommand({})),
    errorOf('ValidationError', 'Must specify userName when calling with non-User credentials'),
  );
});

test('managed policies have at most five versions, one of which is in force', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const { Policy: policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'put', PolicyDocument: allowPut, Description: 'puts' }),
  );
  const PolicyArn = policy?.Arn ?? '';
  assert.equal(PolicyArn, 'arn:aws:iam::000000000000:policy/put');
  for (let number = 2; number <= 5; number++) {
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowPut }));
  }
  await assert.rejects(
    iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowPut })),
    errorOf(
      'LimitExceeded',
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    ),
  );
  await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v3' }));
  await assert.rejects(
    iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v3' })),
    errorOf('DeleteConflict', 'Cannot delete the default version of a policy.'),
  );
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }));
  const next = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowPut }));
  assert.equal(next.PolicyVersion?.VersionId, 'v6');
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  assert.deepEqual(
    Versions.map(
      ({ VersionId, IsDefaultVersion }) => `${VersionId}${IsDefaultVersion === true ? ' default' : ''}`,
    ),
    ['v6', 'v4', 'v3 default', 'v2', 'v1'],
  );
  const third = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v3' }));
  assert.equal(decodeURIComponent(third.PolicyVersion?.Document ?? ''), allowPut);
  await assert.rejects(
    iam.send(new DeletePolicyCommand({ PolicyArn })),
    errorOf('DeleteConflict', /versions/),
  );
  const old = JSON.stringify({ Version: '2008-10-17', Statement: JSON.parse(allowPut).Statement });
  await assert.rejects(
    iam.send(new CreatePolicyCommand({ PolicyName: 'old', PolicyDocument: old })),
    errorOf('MalformedPolicyDocument', 'Policy document must be version 2012-10-17 or greater.'),
  );
  // The message is quoted in https://github.com/aws-cloudformation/cfn-lint/issues/1376
  const spaced = allowPut.replace('"Effect"', '"Sid":"may put","Effect"');
  await assert.rejects(
    iam.send(new CreatePolicyCommand({ PolicyName: 'spaced', PolicyDocument: spaced })),
    errorOf('MalformedPolicyDocument', /^Statement IDs \(SID\) must be alpha-numeric\./),
  );
  await iam.send(new CreateUserCommand({ UserName: 'ann', PermissionsBoundary: PolicyArn }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
  const entities = await iam.send(
    new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsPolicy' }),
  );
  assert.deepEqual(
    entities.PolicyUsers?.map(({ UserName }) => UserName),
    ['ann'],
  );
  const attached = await iam.send(new ListPoliciesCommand({ OnlyAttached: true }));
  assert.deepEqual(
    attached.Policies?.map(({ Arn }) => Arn),
    [PolicyArn],
  );
  const ofAws = await iam.send(new ListPoliciesCommand({ Scope: 'AWS', PathPrefix: '/service-role/' }));
  assert.ok(ofAws.Policies?.some(({ Arn }) => Arn === KINESIS_ROLE));
});

test('groups and instance profiles hold users and roles, which cannot be deleted meanwhile', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'writers' }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'writers', UserName: 'ann' }));
  assert.deepEqual(
    (await iam.send(new GetGroupCommand({ GroupName: 'writers' }))).Users?.map(({ UserName }) => UserName),
    ['ann'],
  );
  assert.deepEqual(
    (await iam.send(new ListGroupsForUserCommand({ UserName: 'ann' }))).Groups?.map(
      (group) => group.GroupName,
    ),
    ['writers'],
  );
  await assert.rejects(
    iam.send(new DeleteGroupCommand({ GroupName: 'writers' })),
    errorOf('DeleteConflict', 'Cannot delete entity, must remove users from group first.'),
  );
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'writers', UserName: 'ann' }));
  await iam.send(new DeleteGroupCommand({ GroupName: 'writers' }));
  const role = { RoleName: 'handler' };
  const profile = { InstanceProfileName: 'handler' };
  await iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: trustLambda }));
  await iam.send(new CreateInstanceProfileCommand(profile));
  await iam.send(new AddRoleToInstanceProfileCommand({ ...role, ...profile }));
  const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesForRoleCommand(role));
  assert.equal(InstanceProfiles[0]?.Roles?.[0]?.RoleName, 'handler');
  await assert.rejects(iam.send(new DeleteRoleCommand(role)), errorOf('DeleteConflict', /instance profile/));
  await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...role, ...profile }));
  await iam.send(new DeleteRoleCommand(role));
});

test('lists have pages, tags ignore the case of keys, and the account counts what it has', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const names = Array.from({ length: 7 }, (_, index) => `user-${index}`);
  await Promise.all(names.map((UserName) => iam.send(new CreateUserCommand({ UserName, Path: '/a/' }))));
  const found: (string | undefined)[] = [];
  for await (const page of paginateListUsers({ client: iam, pageSize: 3 }, { PathPrefix: '/a/' })) {
    found.push(...(page.Users ?? []).map(({ UserName }) => UserName));
  }
  assert.deepEqual(found, names);
  const elsewhere = await iam.send(new ListUsersCommand({ PathPrefix: '/b/' }));
  assert.deepEqual([elsewhere.Users, elsewhere.IsTruncated], [[], false]);
  await assert.rejects(iam.send(new ListUsersCommand({ Marker: 'x' })), errorOf('ValidationError', /Marker/));
  const UserName = 'user-0';
  await iam.send(
    new TagUserCommand({
      UserName,
      Tags: [
        { Key: 'Team', Value: 'a' },
        { Key: 'k', Value: '' },
      ],
    }),
  );
  await iam.send(new TagUserCommand({ UserName, Tags: [{ Key: 'team', Value: 'b' }] }));
  await iam.send(new UntagUserCommand({ UserName, TagKeys: ['K'] }));
  const { Tags } = await iam.send(new ListUserTagsCommand({ UserName }));
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'b' }]);
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'put', PolicyDocument: allowPut }));
  const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
  assert.deepEqual([SummaryMap?.['Users'], SummaryMap?.['Roles']], [7, 0]);
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'shop' }));
  assert.deepEqual((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases, ['shop']);
});

test('a simulation refuses by name what it does not regard', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const actions = { ActionNames: ['kinesis:PutRecord'] };
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const custom = { ...actions, PolicyInputList: [allowPut] };
  const organization = [{ ServiceControlPolicyInputList: [allowPut] }];
  await assert.rejects(
    iam.send(
      new SimulateCustomPolicyCommand({ ...custom, OrderedOrganizationPolicyInputList: organization }),
    ),
    errorOf('InvalidInput', /nagare does not support OrderedOrganizationPolicyInputList/),
  );
  const ofAnn = { ...actions, PolicySourceArn: 'arn:aws:iam::000000000000:user/ann' };
  await assert.rejects(
    iam.send(
      new SimulatePrincipalPolicyCommand({ ...ofAnn, PolicyExclusionList: [{ PolicyType: 'inline' }] }),
    ),
    errorOf('InvalidInput', /nagare does not support PolicyExclusionList/),
  );
});
