import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { applyDeclared, declared } from '../../../support/declarations.ts';
import { startLambda } from '../lambda-server.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:notify';
const topic = 'arn:aws:sns:us-east-1:000000000000:orders';

const notify = (permissions: object) => ({ functions: { notify: { path: 'notify.mjs', permissions } } });

test('permissions of a declared function are created, changed and left, and others stay', async (t) => {
  const server = await startLambda(t);
  const baseDir = server.folder;
  await writeFile(join(baseDir, 'notify.mjs'), 'export const handler = () => 1;');
  const { declarer, policies } = server.lambda;
  const options = { allowReshard: false, baseDir };
  const actions = (content: object) =>
    Promise.all(declarer.plan(declared(content), options).map(async (thing) => (await thing.check()).action));
  const statements = () => JSON.parse(policies.policyOf(arn) ?? '{"Statement":[]}').Statement;

  const first = notify({ topic: { principal: 'sns.amazonaws.com', sourceArn: topic } });
  assert.deepEqual(await actions(first), ['create', 'create']);
  await applyDeclared(declarer, first, baseDir);
  const statement = {
    Sid: 'topic',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: arn,
    Condition: { ArnLike: { 'AWS:SourceArn': topic } },
  };
  assert.deepEqual(statements(), [statement]);
  assert.deepEqual(await actions(first), ['leave', 'leave']);

  const own = { FunctionName: 'notify', StatementId: 'own', Action: 'lambda:*', Principal: '111122223333' };
  await server.client.send(new AddPermissionCommand(own));
  const second = notify({ topic: { principal: 's3.amazonaws.com' } });
  assert.deepEqual(await actions(second), ['leave', 'change']);
  await applyDeclared(declarer, second, baseDir);
  const sids = () => statements().map(({ Sid }: { readonly Sid: string }) => Sid);
  assert.deepEqual(sids(), ['own', 'topic']);

  await (await declarer.find(['functions', 'notify', 'permissions', 'topic']))?.remove();
  assert.equal(declarer.find(['functions', 'notify', 'permissions', 'topic']), undefined);
  assert.deepEqual(sids(), ['own']);
  await (await declarer.find(['functions', 'notify']))?.remove();
  assert.equal(policies.policyOf(arn), undefined);
});

test('an invalid permission is refused when it is planned', async (t) => {
  const { lambda, folder } = await startLambda(t);
  for (const [permissions, reason] of [
    [{ 'a b': { principal: 'sns.amazonaws.com' } }, /'statementId' failed to satisfy constraint/],
    [{ a: { principal: 'nobody' } }, /provided principal was invalid/],
  ] as const) {
    const content = declared(notify(permissions));
    const [, permission] = lambda.declarer.plan(content, { allowReshard: false, baseDir: folder });
    assert.throws(() => permission?.check(), { message: reason });
  }
});
