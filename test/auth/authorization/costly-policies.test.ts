import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { IAMClient, SimulateCustomPolicyCommand } from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { evaluate } from '../../../src/auth/policy/evaluate.ts';
import { compilePolicy } from '../../../src/auth/policy/compiled-policy.ts';
import { parsePolicy } from '../../../src/auth/policy/parse-policy.ts';
import { policyLimits } from '../../../src/auth/policy/limits.ts';
import { requestContext } from '../../../src/auth/policy/request-context.ts';
import { ACCOUNT, allow, openScene, policy, said, type Scene } from './scene.ts';

let scene: Scene;

before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

/** Compared with as many `a`s, it needs the product of both lengths. */
const costly = `*${'a'.repeat(1_800)}b`;

function whenAgentIs(value: string) {
  return { Condition: { StringLike: { 'aws:UserAgent': value } } };
}

describe('a policy that takes long to compare', () => {
  it('is given up after a bounded number of steps: the request is denied', () => {
    const context = requestContext([['aws:UserAgent', ['a'.repeat(10_000)]]]);
    const { decision } = evaluate(
      {
        principal: { kind: 'user', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/u` },
        action: 'kinesis:ListStreams',
        resource: '*',
        context,
      },
      {
        identity: [
          compilePolicy(parsePolicy(policy(allow('kinesis:*')), 'identity')),
          compilePolicy(
            parsePolicy(
              policy({ Effect: 'Deny', Action: '*', Resource: '*', ...whenAgentIs(costly) }),
              'identity',
            ),
          ),
        ],
        resourceAccountId: ACCOUNT,
      },
    );
    assert.equal(decision, 'implicitDeny');
    assert.ok(context.steps.left > -20_000 && policyLimits.decisionStepsMax < 1_800 * 10_000);
  });

  it('does not stop the server when a session brings it with its requests', async () => {
    const caller = await scene.user('caller', allow(['kinesis:*', 'sts:*']));
    const RoleArn = await scene.role(
      'role',
      { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' },
      allow('kinesis:*'),
    );
    const list = async (pattern: string): Promise<string> => {
      const Policy = policy(allow('kinesis:*', '*', whenAgentIs(pattern)));
      const session = await scene.assume(caller, { RoleArn, Policy });
      const client = new KinesisClient({ ...session, customUserAgent: 'a'.repeat(5_000) });
      return await said(client.send(new ListStreamsCommand({})));
    };
    assert.equal(await list('*aaa*'), 'ok');
    assert.match(await list(costly), /^kinesis:ListStreams on resource: \* because no /);
  });

  it('ends a simulation with InvalidInput', async () => {
    const client = new IAMClient(await scene.user('auditor', allow('iam:SimulateCustomPolicy')));
    const simulate = (PolicyInputList: string[], ActionNames: string[]): Promise<unknown> =>
      client.send(
        new SimulateCustomPolicyCommand({
          PolicyInputList,
          ActionNames,
          ContextEntries: [
            {
              ContextKeyName: 'aws:UserAgent',
              ContextKeyType: 'string',
              ContextKeyValues: ['a'.repeat(100_000)],
            },
          ],
        }),
      );
    await simulate([policy(allow('s3:*', '*', whenAgentIs('*aab')))], ['s3:GetObject']);
    const many = Array.from({ length: 2_700 }, () => allow('*'));
    const actions = Array.from({ length: 5_000 }, (_, index) => `s3:A${index}`);
    for (const call of [
      simulate([policy(allow('s3:*', '*', whenAgentIs(costly)))], ['s3:GetObject']),
      simulate([policy(...many)], actions),
    ]) {
      await assert.rejects(call, { name: 'InvalidInputException', message: /^A simulation can compare/ });
    }
  });
});
