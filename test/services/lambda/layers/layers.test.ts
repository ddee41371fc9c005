import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  UpdateFunctionConfigurationCommand,
  type PublishLayerVersionRequest,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import {
  createFunction,
  invoke,
  role,
  sharedLambda,
  startLambda,
  zip,
  type LambdaServer,
} from '../lambda-server.ts';

const prefix = 'arn:aws:lambda:us-east-1:000000000000:layer:';

async function publish(
  server: LambdaServer,
  name: string,
  files: Readonly<Record<string, string>>,
  options: Partial<PublishLayerVersionRequest> = {},
) {
  const content = { ZipFile: zip(files) };
  return await server.client.send(
    new PublishLayerVersionCommand({ LayerName: name, Content: content, ...options }),
  );
}

for (const isolation of ['auto', 'off'] as const) {
  describe(`a function with layers, isolation ${isolation}`, () => {
    const shared = sharedLambda({ isolation });

    test('finds packages, programs and libraries of its layers; later layers replace earlier ones', async () => {
      await publish(shared(), 'packages', {
        'nodejs/node_modules/one/index.js': "module.exports = 'one of the first layer';",
        'nodejs/node_modules/two/index.js': "module.exports = 'two of the first layer';",
      });
      await publish(shared(), 'more', {
        'nodejs/node_modules/two/index.js': "module.exports = 'two of the second layer';",
      });
      const program = zipSync({
        'bin/greet': [strToU8('#!/bin/sh\necho hello'), { os: 3, attrs: 0o755 << 16 }],
        'lib/a.txt': strToU8('a'),
      });
      await shared().client.send(
        new PublishLayerVersionCommand({ LayerName: 'programs', Content: { ZipFile: program } }),
      );
      const source = `import { createRequire } from 'node:module';
        import { execFileSync } from 'node:child_process';
        import one from 'one';
        const two = createRequire(import.meta.url)('two');
        export const handler = async () => [one, two, execFileSync('greet').toString().trim(),
          process.env.LD_LIBRARY_PATH.split(':').at(-1) + '/a.txt', process.env.NODE_PATH.split(':')[0]];`;
      await createFunction(shared(), 'layered', source, {
        Layers: ['packages', 'more', 'programs'].map((name) => `${prefix}${name}:1`),
      });
      const { payload } = await invoke(shared(), 'layered');
      const [one, two, greeting, library, packages] = payload as string[];
      assert.deepEqual([one, two, greeting], ['one of the first layer', 'two of the second layer', 'hello']);
      assert.match(library ?? '', /\/lib\/a\.txt$/);
      assert.match(packages ?? '', /\/nodejs\/node24\/node_modules$/);
    });

    test('finds Python packages', async () => {
      await publish(shared(), 'python', {
        'python/three.py': "value = 'three'",
        'python/lib/python3.13/site-packages/four.py': "value = 'four'",
      });
      const source = 'import three, four\ndef handler(event, context): return [three.value, four.value]';
      await shared().client.send(
        new CreateFunctionCommand({
          FunctionName: 'snake',
          Runtime: 'python3.13',
          Role: role,
          Handler: 'main.handler',
          Code: { ZipFile: zip({ 'main.py': source }) },
          Layers: [`${prefix}python:1`],
        }),
      );
      assert.deepEqual((await invoke(shared(), 'snake')).payload, ['three', 'four']);
    });

    test('is started by the wrapper that AWS_LAMBDA_EXEC_WRAPPER names', async () => {
      const script = '#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n';
      const wrapper = zipSync({ wrapper: [strToU8(script), { os: 3, attrs: 0o755 << 16 }] });
      await shared().client.send(
        new PublishLayerVersionCommand({ LayerName: 'wrapper', Content: { ZipFile: wrapper } }),
      );
      await createFunction(shared(), 'wrapped', 'export const handler = async () => process.env.WRAPPED;', {
        Layers: [`${prefix}wrapper:1`],
        Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' } },
      });
      assert.equal((await invoke(shared(), 'wrapped')).payload, 'yes');
    });

    test('may get its runtime from a layer', async () => {
      const script = `#!/bin/sh
url="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
exec node -e '
(async () => {
  for (;;) {
    const next = await fetch(process.argv[1] + "/next");
    const id = next.headers.get("lambda-runtime-aws-request-id");
    await fetch(process.argv[1] + "/" + id + "/response", { method: "POST", body: "\\"from a layer\\"" });
  }
})()' "$url"
`;
      const runtime = zipSync({ bootstrap: [strToU8(script), { os: 3, attrs: 0o755 << 16 }] });
      await shared().client.send(
        new PublishLayerVersionCommand({ LayerName: 'runtime', Content: { ZipFile: runtime } }),
      );
      await shared().client.send(
        new CreateFunctionCommand({
          FunctionName: 'provided',
          Runtime: 'provided.al2023',
          Role: role,
          Handler: 'any',
          Timeout: 20,
          Code: { ZipFile: zip({ 'data.txt': '' }) },
          Layers: [`${prefix}runtime:1`],
        }),
      );
      assert.equal((await invoke(shared(), 'provided')).payload, 'from a layer');
    });
  });
}

describe('layers', () => {
  const shared = sharedLambda({ isolation: 'off' });

  test('versions are described, listed and deleted, and numbers are not used again', async () => {
    const { client } = shared();
    const options = {
      Description: 'd',
      CompatibleRuntimes: ['nodejs24.x' as const],
      CompatibleArchitectures: ['x86_64' as const],
      LicenseInfo: 'MIT',
    };
    const first = await publish(shared(), 'listed', { 'a.txt': '1' }, options);
    const { Content: content, $metadata: _, CreatedDate: created, ...rest } = first;
    assert.deepEqual(rest, {
      ...options,
      LayerArn: `${prefix}listed`,
      LayerVersionArn: `${prefix}listed:1`,
      Version: 1,
    });
    assert.match(created ?? '', /^\d{4}-\d\d-\d\dT.*\+0000$/);
    const response = await fetch(content?.Location ?? '');
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('base64'), content?.CodeSha256);
    await publish(shared(), 'listed', { 'a.txt': '2' });
    const read = await client.send(new GetLayerVersionByArnCommand({ Arn: `${prefix}listed:1` }));
    assert.equal(read.Content?.CodeSha256, content?.CodeSha256);
    const versions = async (input: object = {}) => {
      const page = await client.send(new ListLayerVersionsCommand({ LayerName: 'listed', ...input }));
      return page.LayerVersions?.map(({ Version }) => Version);
    };
    assert.deepEqual(await versions(), [2, 1]);
    assert.deepEqual(await versions({ CompatibleRuntime: 'nodejs24.x' }), [1]);
    const layersNow = async () => {
      const { Layers: layers = [] } = await client.send(new ListLayersCommand({}));
      return layers.map(({ LayerName, LatestMatchingVersion: v }) => [LayerName, v?.Version]);
    };
    assert.deepEqual(await layersNow(), [['listed', 2]]);
    const remove = (version: number) =>
      client.send(new DeleteLayerVersionCommand({ LayerName: 'listed', VersionNumber: version }));
    await remove(2);
    await remove(2);
    assert.equal((await publish(shared(), `${prefix}listed`, { 'a.txt': '3' })).Version, 3);
    await remove(3);
    await remove(1);
    assert.deepEqual(await layersNow(), []);
    await assert.rejects(client.send(new GetLayerVersionCommand({ LayerName: 'listed', VersionNumber: 1 })), {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
    await assert.rejects(remove(0), { message: 'Layer Version Cannot be less than 1' });
  });

  test('a function is refused what AWS refuses', async () => {
    const { client } = shared();
    for (let layer = 1; layer <= 6; layer++) await publish(shared(), `l${layer}`, { 'a.txt': '' });
    await publish(shared(), 'l1', { 'a.txt': 'new' });
    await createFunction(shared(), 'refused', '');
    const update = (...layers: string[]) =>
      client.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'refused',
          Layers: layers.map((layer) => (layer.startsWith('arn:') ? layer : prefix + layer)),
        }),
      );
    const invalid = 'InvalidParameterValueException';
    await assert.rejects(update('l1:1', 'l2:1', 'l3:1', 'l4:1', 'l5:1', 'l6:1'), {
      name: invalid,
      message: 'Cannot reference more than 5 layers.',
    });
    await assert.rejects(update('l1:9'), {
      name: invalid,
      message: `Layer version ${prefix}l1:9 does not exist.`,
    });
    await assert.rejects(update('l1:1', 'l1:2'), {
      name: invalid,
      message: `Two different versions of the same layer are not allowed to be referenced in the same function. ${prefix}l1:1 and ${prefix}l1:2 are versions of the same layer.`,
    });
    await assert.rejects(update(`${prefix}l1:1`.replace('us-east-1', 'eu-west-1')), {
      message:
        'Layers are not in the same region as the function. Layers are expected to be in region us-east-1.',
    });
    await assert.rejects(update('arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertools:1'), {
      name: 'AccessDeniedException',
    });
    const half = Buffer.alloc(126 * 1024 * 1024);
    for (const name of ['half', 'other-half']) {
      const big = zipSync({ big: half }, { level: 1 });
      await client.send(new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile: big } }));
    }
    await assert.rejects(update('half:1', 'other-half:1'), {
      name: invalid,
      message: /^Function code combined with layers exceeds the maximum allowed size of 262144000 bytes\./,
    });
    await update('half:1', 'l1:2');
    const read = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'refused' }));
    assert.deepEqual(
      read.Layers?.map(({ Arn }) => Arn),
      [`${prefix}half:1`, `${prefix}l1:2`],
    );
    await assert.rejects(publish(shared(), 'extension', { 'extensions/agent': '' }), {
      message: /^nagare does not support extensions yet/,
    });
  });
});

test('a declared function has published layers', async (context) => {
  const server = await startLambda(context);
  await publish(server, 'declared', { 'nodejs/node_modules/one/index.js': 'module.exports = 1;' });
  const path = join(await temporaryFolder(), 'f.mjs');
  await writeFile(path, "import one from 'one'; export const handler = async () => one;");
  const declaration = { name: 'f', path, handler: 'handler' };
  server.lambda.declareFunction({ ...declaration, layers: ['declared:1'] });
  assert.equal((await invoke(server, 'f')).payload, 1);
  assert.throws(() => server.lambda.declareFunction({ ...declaration, layers: ['declared:2'] }), {
    message: `Layer version ${prefix}declared:2 does not exist.`,
  });
});

test('a function keeps a layer that is deleted, also after a restart; then its content goes', async (context) => {
  const server = await startLambda(context, { isolation: 'off' });
  await publish(server, 'kept', { 'nodejs/node_modules/one/index.js': 'module.exports = 1;' });
  await publish(server, 'unused', { 'a.txt': '' });
  await createFunction(server, 'f', "import one from 'one'; export const handler = async () => one;", {
    Layers: [`${prefix}kept:1`],
  });
  for (const name of ['kept', 'unused']) {
    await server.client.send(new DeleteLayerVersionCommand({ LayerName: name, VersionNumber: 1 }));
  }
  const folder = join(server.folder, 'functions/layers');
  assert.deepEqual(await readdir(folder), ['kept']);
  assert.equal((await invoke(server, 'f')).payload, 1);
  await server.restart();
  assert.equal((await invoke(server, 'f')).payload, 1);
  await server.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: 9 }));
  assert.equal((await invoke(server, 'f')).payload, 1);
  await server.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  await until(async () => (await readdir(folder)).length === 0);
  assert.deepEqual(await readdir(join(server.folder, 'functions/opt')), []);
});
