import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteLoginProfileCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetLoginProfileCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListVirtualMFADevicesCommand,
  paginateGetAccountAuthorizationDetails,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { allowPut, errorOf, openScene, type Scene, trustLambda } from './scene.ts';

const KINESIS_ROLE = 'arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole';
const PUT_ARN = 'arn:aws:iam::000000000000:policy/put';

/** Two users, a group, a role in an instance profile, and a policy of the account. */
async function fill({ iam }: Scene): Promise<void> {
  await iam.send(new CreatePolicyCommand({ PolicyName: 'put', PolicyDocument: allowPut }));
  await iam.send(new CreateUserCommand({ UserName: 'ann', Tags: [{ Key: 'team', Value: 'a' }] }));
  await iam.send(new CreateUserCommand({ UserName: 'Bob', PermissionsBoundary: PUT_ARN }));
  await iam.send(new CreateGroupCommand({ GroupName: 'staff' }));
  await iam.send(new AddUserToGroupCommand({ GroupName: 'staff', UserName: 'ann' }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'staff', PolicyArn: PUT_ARN }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'own', PolicyDocument: allowPut }));
  const role = { RoleName: 'consumer' };
  await iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: trustLambda }));
  await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: KINESIS_ROLE }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'machine' }));
  await iam.send(new AddRoleToInstanceProfileCommand({ ...role, InstanceProfileName: 'machine' }));
}

test('the authorization details of the account have everything with its policies, also page by page', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  await fill(scene);
  const all = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
  const [ann, bob] = all.UserDetailList ?? [];
  assert.deepEqual(ann?.UserPolicyList, [
    { PolicyName: 'own', PolicyDocument: encodeURIComponent(allowPut).replaceAll('*', '%2A') },
  ]);
  assert.deepEqual([ann.GroupList, ann.Tags], [['staff'], [{ Key: 'team', Value: 'a' }]]);
  assert.equal(bob?.PermissionsBoundary?.PermissionsBoundaryArn, PUT_ARN);
  const attached = [{ PolicyName: 'put', PolicyArn: PUT_ARN }];
  assert.deepEqual(all.GroupDetailList?.[0]?.AttachedManagedPolicies, attached);
  const [role] = all.RoleDetailList ?? [];
  assert.equal(role?.InstanceProfileList?.[0]?.InstanceProfileName, 'machine');
  assert.equal(decodeURIComponent(role.AssumeRolePolicyDocument ?? ''), trustLambda);
  const [own, ofAws, ...others] = all.Policies ?? [];
  assert.deepEqual([own?.Arn, ofAws?.Arn, others], [PUT_ARN, KINESIS_ROLE, []]);
  assert.deepEqual([own?.AttachmentCount, own?.PermissionsBoundaryUsageCount], [1, 1]);
  assert.equal(decodeURIComponent(own?.PolicyVersionList?.[0]?.Document ?? ''), allowPut);

  const names: (string | undefined)[] = [];
  for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1 }, {})) {
    const { UserDetailList = [], GroupDetailList = [], RoleDetailList = [], Policies = [] } = page;
    const users = UserDetailList.map(({ UserName }) => UserName);
    const groups = GroupDetailList.map(({ GroupName }) => GroupName);
    const roles = RoleDetailList.map(({ RoleName }) => RoleName);
    names.push(...users, ...groups, ...roles, ...Policies.map(({ PolicyName }) => PolicyName));
  }
  assert.deepEqual(names, ['ann', 'Bob', 'staff', 'consumer', 'put', 'AWSLambdaKinesisExecutionRole']);

  const some = await iam.send(
    new GetAccountAuthorizationDetailsCommand({ Filter: ['Role', 'LocalManagedPolicy'] }),
  );
  const counts = [some.UserDetailList, some.GroupDetailList, some.RoleDetailList, some.Policies];
  assert.deepEqual(
    counts.map((list) => list?.length),
    [0, 0, 1, 1],
  );
});

// The reads of Terraform's aws_iam_user with force_destroy.
test('users have no passwords, MFA devices, certificates and other credentials', async () => {
  await using scene = await openScene();
  const { iam } = scene;
  const user = { UserName: 'ann' };
  await iam.send(new CreateUserCommand(user));
  assert.deepEqual((await iam.send(new ListMFADevicesCommand(user))).MFADevices, []);
  assert.deepEqual((await iam.send(new ListSSHPublicKeysCommand(user))).SSHPublicKeys, []);
  assert.deepEqual((await iam.send(new ListSigningCertificatesCommand(user))).Certificates, []);
  const credentials = await iam.send(new ListServiceSpecificCredentialsCommand(user));
  assert.deepEqual(credentials.ServiceSpecificCredentials, []);
  assert.deepEqual((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices, []);
  const noProfile = errorOf('NoSuchEntity', 'Login Profile for User ann cannot be found.');
  await assert.rejects(iam.send(new GetLoginProfileCommand(user)), noProfile);
  await assert.rejects(iam.send(new DeleteLoginProfileCommand(user)), noProfile);
  await assert.rejects(
    iam.send(new GetAccountPasswordPolicyCommand({})),
    errorOf('NoSuchEntity', 'The Password Policy with domain name 000000000000 cannot be found.'),
  );
  const noUser = errorOf('NoSuchEntity', 'The user with name bob cannot be found.');
  await assert.rejects(iam.send(new ListMFADevicesCommand({ UserName: 'bob' })), noUser);
  await assert.rejects(
    iam.send(new ListVirtualMFADevicesCommand({ Marker: 'x' })),
    errorOf('ValidationError', 'Invalid Marker.'),
  );
});

test('service-linked roles are refused by name', async () => {
  await using scene = await openScene();
  await assert.rejects(
    scene.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'delivery.logs.amazonaws.com' })),
    /CreateServiceLinkedRole/,
  );
});
