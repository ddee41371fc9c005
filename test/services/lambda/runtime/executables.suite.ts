/**
 * Functions in languages other than the server's own, built as their users build them: Go with aws-lambda-go, Rust
 * without any client, and Java with the runtime interface client in its zip. Those for Ruby and .NET are not in the
 * registries that the tests use: small clients of the tests' own have their places, on real interpreters.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { zipSync, type Zippable } from 'fflate';
import { clientOptions, spawnServer } from '../../../support/server.ts';
import { removeFolder, temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { commandLine, descendants } from '../isolation/processes.ts';
import { role } from '../lambda-server.ts';

const sources = fileURLToPath(new URL('executables/', import.meta.url));

type Function = Pick<CreateFunctionRequest, 'Runtime' | 'Handler' | 'Code' | 'MemorySize' | 'Environment'> & {
  /** Further arguments of the server. */
  readonly args?: readonly string[];
};

interface Language {
  readonly name: string;
  readonly needs: readonly string[];
  /** A folder with programs, before those of the PATH. */
  readonly programs?: string | undefined;
  /** Makes the function in an empty folder. */
  readonly build: (folder: string) => Promise<Function>;
  /** The error of a handler that fails, without its trace. */
  readonly failure: { readonly errorType: string; readonly errorMessage: string };
}

const languages: readonly Language[] = [
  {
    name: 'Go',
    needs: ['go'],
    async build(folder) {
      cpSync(join(sources, 'go'), folder, { recursive: true });
      const args = ['build', '-tags', 'lambda.norpc', '-o', 'bootstrap', '.'];
      await run('go', args, folder, { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false' });
      return executable(folder);
    },
    failure: { errorType: 'errorString', errorMessage: 'no' },
  },
  {
    name: 'Rust',
    needs: ['rustc'],
    async build(folder) {
      const source = join(sources, 'rust/main.rs');
      await run('rustc', ['--edition', '2021', '-o', 'bootstrap', source], folder);
      return executable(folder);
    },
    failure: { errorType: 'Own', errorMessage: 'no' },
  },
  {
    name: 'Java',
    needs: ['java', 'javac', 'mvn'],
    async build(folder) {
      cpSync(join(sources, 'java'), folder, { recursive: true });
      await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], folder);
      mkdirSync(join(folder, 'classes'));
      await run('javac', ['--release', '11', '-cp', 'lib/*', '-d', 'classes', 'Handler.java'], folder);
      const files: Zippable = {
        'nagare/Handler.class': readFileSync(join(folder, 'classes/nagare/Handler.class')),
      };
      for (const name of readdirSync(join(folder, 'lib'))) {
        files[`lib/${name}`] = [readFileSync(join(folder, 'lib', name)), { level: 0 }];
      }
      return {
        Runtime: 'java17',
        Handler: 'nagare.Handler::handleRequest',
        MemorySize: 256,
        Code: { ZipFile: zipSync(files) },
      };
    },
    failure: { errorType: 'java.lang.IllegalStateException', errorMessage: 'no' },
  },
  {
    name: 'Ruby',
    needs: ['ruby'],
    build() {
      const gems = 'vendor/bundle/ruby/3.1.0/gems';
      const specification = `Gem::Specification.new { |gem| gem.name = 'greeting'; gem.version = '1.0.0'; gem.summary = ''; gem.authors = ['none'] }`;
      const files = {
        'app.rb': readFileSync(join(sources, 'ruby/app.rb')),
        [`${gems}/aws_lambda_ric-3.0.0/lib/aws_lambda_ric/bootstrap.rb`]: readFileSync(
          join(sources, 'ruby/client.rb'),
        ),
        [`${gems}/greeting-1.0.0/lib/greeting.rb`]: Buffer.from("module Greeting; TEXT = 'printed'; end"),
        'vendor/bundle/ruby/3.1.0/specifications/greeting-1.0.0.gemspec': Buffer.from(specification),
      };
      return Promise.resolve({
        Runtime: 'ruby3.3',
        Handler: 'app.handler',
        Code: { ZipFile: zipSync(files) },
      });
    },
    failure: { errorType: 'Function<RuntimeError>', errorMessage: 'no' },
  },
  {
    name: '.NET, an executable assembly',
    needs: ['mcs', 'dotnet'],
    programs: dotnetFolder(),
    async build(folder) {
      return { ...(await buildDotnet(folder)), Handler: 'Function' };
    },
    failure: { errorType: 'InvalidOperationException', errorMessage: 'no' },
  },
  {
    name: '.NET, a class library with the client of the runtime folder',
    needs: ['mcs', 'dotnet'],
    programs: dotnetFolder(),
    async build(folder) {
      const built = await buildDotnet(folder, { withClient: false });
      return { ...built, Handler: 'Function::Function::Handle', args: ['--runtime-folder', folder] };
    },
    failure: { errorType: 'InvalidOperationException', errorMessage: 'no' },
  },
];

/** The package dotnetcore2 of PyPI has a runtime of .NET, but no compiler: Mono's makes the same code. */
function dotnetFolder(): string | undefined {
  const libraries = fileURLToPath(new URL('../../../../.cache/venv/lib', import.meta.url));
  if (!existsSync(libraries)) return undefined;
  const folders = readdirSync(libraries).map((name) =>
    join(libraries, name, 'site-packages/dotnetcore2/bin'),
  );
  const folder = folders.find((candidate) => existsSync(candidate));
  // As its own starter does.
  if (folder !== undefined) chmodSync(join(folder, 'dotnet'), 0o755);
  return folder;
}

/** The function, and in the folder `dotnet` the client. */
async function buildDotnet(folder: string, { withClient = true } = {}): Promise<Function> {
  const shared = join(dotnetFolder() ?? '', 'shared/Microsoft.NETCore.App');
  const framework = join(shared, readdirSync(shared)[0] ?? '');
  const compile = async (name: string, source: string, libraries: readonly string[]) => {
    const options = ['-nostdlib', '-noconfig', '-nowarn:1701,1702', `-out:${name}.exe`];
    await run(
      'mcs',
      [...options, ...libraries.map((at) => `-r:${at}`), join(sources, 'dotnet', source)],
      folder,
    );
    renameSync(join(folder, `${name}.exe`), join(folder, `${name}.dll`));
  };
  const system = [
    'Private.CoreLib',
    'Private.Uri',
    'Runtime',
    'Runtime.Extensions',
    'Threading',
    'Threading.Tasks',
    'Console',
    'Net.Http',
    'Net.Primitives',
  ].map((name) => join(framework, `System.${name}.dll`));
  const client = 'Amazon.Lambda.RuntimeSupport';
  await compile(client, 'Client.cs', system);
  await compile('Function', 'Function.cs', [...system, join(folder, `${client}.dll`)]);
  const target = '.NETCoreApp,Version=v3.1';
  const dependencies = {
    runtimeTarget: { name: target },
    targets: { [target]: { 'Function/1.0.0': { runtime: { 'Function.dll': {} } } } },
    libraries: { 'Function/1.0.0': { type: 'project', serviceable: false, sha512: '' } },
  };
  const settings = {
    runtimeOptions: { framework: { name: 'Microsoft.NETCore.App', version: '3.1.0' } },
  };
  mkdirSync(join(folder, 'dotnet'));
  cpSync(join(folder, `${client}.dll`), join(folder, 'dotnet', `${client}.dll`));
  const files: Zippable = {
    'Function.dll': readFileSync(join(folder, 'Function.dll')),
    'Function.runtimeconfig.json': Buffer.from(JSON.stringify(settings)),
    ...(withClient
      ? { [`${client}.dll`]: readFileSync(join(folder, `${client}.dll`)) }
      : { 'Function.deps.json': Buffer.from(JSON.stringify(dependencies)) }),
  };
  return {
    Runtime: 'dotnet8',
    MemorySize: 256,
    // Needs no ICU.
    Environment: { Variables: { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' } },
    Code: { ZipFile: zipSync(files) },
  };
}

function executable(folder: string): Function {
  const bootstrap = readFileSync(join(folder, 'bootstrap'));
  const code = zipSync({ bootstrap: [bootstrap, { os: 3, attrs: 0o100755 * 65536 }] }, { level: 1 });
  return { Runtime: 'provided.al2023', Handler: 'none', Code: { ZipFile: code } };
}

function pathWith(folder: string | undefined): Record<string, string> {
  const { PATH = '' } = process.env;
  return { PATH: folder === undefined ? PATH : `${folder}${delimiter}${PATH}` };
}

/** What is missing to run this, or false: a skip, which under CI=true is a failure. */
function missing(programs: readonly string[], folder: string | undefined): string | false {
  const env = pathWith(folder);
  const absent = programs.filter((program) => spawnSync('which', [program], { env }).status !== 0);
  if (absent.length === 0) return false;
  const reason = `needs ${absent.join(' and ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 10 * 60_000,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-20_000)));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${printed}`);
}

const answer = { event: { n: 1 }, arn: 'arn:aws:lambda:us-east-1:000000000000:function:f', left: true };

async function untilGone(pids: readonly number[]): Promise<void> {
  await until(() => pids.every((pid) => commandLine(pid) === undefined), { what: 'all processes to end' });
}

for (const { name, needs, programs, build, failure } of languages) {
  describe(`a function in ${name}`, { skip: missing(needs, programs) }, () => {
    test('runs, fails, ends and is started again; none outlives a server that stops or is killed', async (t) => {
      const folder = await temporaryFolder();
      t.after(() => removeFolder(folder));
      const sourceFolder = join(folder, 'source');
      mkdirSync(sourceFolder);
      // As another user, a function has to get to its code and to the runtime folder.
      for (const open of [folder, sourceFolder]) chmodSync(open, 0o711);
      const { args = [], ...built } = await build(sourceFolder);
      await using server = await spawnServer({
        args: ['--data-dir', join(folder, 'data'), ...args],
        env: pathWith(programs),
      });
      const client = new LambdaClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
      t.after(() => client.destroy());
      await client.send(new CreateFunctionCommand({ FunctionName: 'f', Role: role, Timeout: 300, ...built }));
      const invoke = async (event: object) => {
        const { FunctionError, Payload } = await client.send(
          new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify(event) }),
        );
        const payload: unknown = JSON.parse(Payload?.transformToString() ?? '');
        return { error: FunctionError, payload: payload as Record<string, unknown> };
      };
      assert.deepEqual(await invoke({ n: 1 }), { error: undefined, payload: answer });
      const failed = await invoke({ form: 'fail' });
      const { errorType, errorMessage } = failed.payload;
      assert.deepEqual({ error: failed.error, errorType, errorMessage }, { error: 'Unhandled', ...failure });
      assert.equal((await invoke({ form: 'panic' })).error, 'Unhandled');
      assert.deepEqual((await invoke({ n: 1 })).payload, answer);

      const untilBusy = async () => {
        const payload = JSON.stringify({ form: 'sleep' });
        await client.send(
          new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: payload }),
        );
        return await until(() => {
          const all = descendants(server.pid);
          return all.length >= 2 && all;
        });
      };
      const first = await untilBusy();
      await server.stop('SIGTERM');
      await untilGone(first);
      await server.start();
      const second = await untilBusy();
      await server.kill();
      await untilGone(second);
    });
  });
}
