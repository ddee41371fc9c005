/** examples/container: the Dockerfile is followed in plain folders, because there may be no builder. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { settings } from '../../src/config/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { reservePort } from '../support/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const container = join(root, 'examples', 'container');
const PATHS = /(?<=^|[\s=:'"])\/(?=(?:opt|package|src|var)\b)/g;

interface Image {
  readonly folder: string;
  readonly environment: Record<string, string>;
  entrypoint: readonly string[];
  command: readonly string[];
  health: readonly string[];
  user: string;
}

/** Follows the Dockerfile; each stage is a folder, in which absolute paths of ours are looked up. */
async function build(dockerfile: string, context: string): Promise<Image> {
  const stages = new Map<string, Image>();
  const text = (await readFile(dockerfile, 'utf8')).replaceAll(/\\\n\s*/g, '').replaceAll(/^#.*$/gm, '');
  let image: Image | undefined;
  let workingFolder = '/';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, instruction = '', rest = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const folder = await temporaryFolder();
      image = { folder, environment: {}, entrypoint: [], command: [], health: [], user: 'root' };
      const [, base = '', name] = /^(\S+)(?: AS (\w+))?$/.exec(rest) ?? [];
      assert.match(base, /^node:24/);
      stages.set(name ?? '', image);
      workingFolder = '/';
      continue;
    }
    assert.ok(image !== undefined);
    if (instruction === 'WORKDIR') {
      workingFolder = rest;
      await mkdir(join(image.folder, rest), { recursive: true });
    } else if (instruction === 'COPY') await copy(rest, image, { stages, context, workingFolder });
    else if (instruction === 'RUN') await run(rest, image, workingFolder);
    else configure(image, instruction, rest);
  }
  assert.ok(image !== undefined);
  return image;
}

async function copy(
  rest: string,
  image: Image,
  from: {
    readonly stages: ReadonlyMap<string, Image>;
    readonly context: string;
    readonly workingFolder: string;
  },
): Promise<void> {
  const stage = /--from=(\w+)/.exec(rest)?.[1];
  const [source = '', target = ''] = rest.split(' ').filter((part) => !part.startsWith('--'));
  const base = stage === undefined ? from.context : from.stages.get(stage)?.folder;
  assert.ok(base !== undefined, rest);
  const to = target.startsWith('/') ? target : join(from.workingFolder, target);
  await cp(join(base, source), join(image.folder, to), { recursive: true, verbatimSymlinks: true });
}

async function run(command: string, image: Image, workingFolder: string): Promise<void> {
  // npm's scripts put the project's own Node first; an image has one already.
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const script = command.replaceAll(PATHS, `${image.folder}/`).replaceAll(/ -[og] \d+/g, '');
  const cwd = join(image.folder, workingFolder);
  await runTool('bash', ['-ec', script], { cwd, env: { PATH: path, npm_config_update_notifier: 'false' } });
}

function configure(image: Image, instruction: string, rest: string): void {
  const words = (): string[] => JSON.parse(rest.slice(rest.indexOf('['))) as string[];
  if (instruction === 'ENTRYPOINT') image.entrypoint = words();
  else if (instruction === 'CMD') image.command = words();
  else if (instruction === 'HEALTHCHECK') image.health = words();
  else if (instruction === 'USER') image.user = rest;
  else if (instruction === 'ENV') {
    for (const pair of rest.split(' ')) {
      const [name = '', value = ''] = pair.split('=');
      image.environment[name] = value;
    }
  } else assert.match(instruction, /^(?:VOLUME|EXPOSE)$/);
}

test('the Dockerfile makes an image that serves, is healthy, and stops', async () => {
  const context = join(await temporaryFolder(), 'nagare');
  await runTool('git', ['clone', '--quiet', root, context]);
  const image = await build(join(container, 'Dockerfile'), context);
  assert.deepEqual([image.user, image.environment['NAGARE_HOST']], ['1000', '0.0.0.0']);
  assert.deepEqual((await readdir(image.folder)).sort(), ['opt', 'var']);

  const inside = (word: string): string => word.replaceAll(PATHS, `${image.folder}/`);
  const port = String((await reservePort()).port);
  const { HOME = '', PATH = '' } = process.env;
  const set = Object.entries(image.environment).map(([name, value]) => [name, inside(value)] as const);
  const env = {
    HOME,
    PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${PATH}`,
    ...Object.fromEntries(set),
    // Nothing outside of this machine may reach a test.
    NAGARE_HOST: '127.0.0.1',
    NAGARE_PORT: port,
    NAGARE_INSECURE_PLAINTEXT: 'on',
    NAGARE_ROOT_ACCESS_KEY_ID: 'AKIACONTAINER',
    NAGARE_ROOT_SECRET_ACCESS_KEY: 'a-secret-of-the-test',
  };
  const [program = '', ...args] = [...image.entrypoint, ...image.command].map(inside);
  const server = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(server, 'exit');
  try {
    const [checker = '', ...check] = image.health.map((word) => word.replace('4566', port));
    await until(async () => (await once(spawn(checker, check, { env }), 'exit'))[0] === 0, {
      withinMs: 60_000,
    });
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 403);
  } finally {
    server.kill('SIGTERM');
  }
  assert.deepEqual(await ended, [0, null]);
});

const known = new Set(Object.values(settings).map((setting: { environment: string }) => setting.environment));
const ROOT_KEY = ['NAGARE_ROOT_ACCESS_KEY_ID', 'NAGARE_ROOT_SECRET_ACCESS_KEY_FILE'];

test('compose.yaml names settings, secrets and volumes that there are', async () => {
  const file = parse(await readFile(join(container, 'compose.yaml'), 'utf8')) as {
    readonly services: { readonly nagare: Compose };
    readonly secrets: object;
    readonly volumes: object;
  };
  const { nagare } = file.services;
  for (const name of Object.keys(nagare.environment))
    assert.ok(known.has(name) || ROOT_KEY.includes(name), name);
  assert.deepEqual(nagare.secrets, Object.keys(file.secrets));
  assert.deepEqual(
    nagare.volumes.map((volume) => volume.split(':')[0]),
    Object.keys(file.volumes),
  );
  assert.equal(join(container, nagare.build.context, nagare.build.dockerfile), join(container, 'Dockerfile'));
});

interface Compose {
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly volumes: readonly string[];
}

test('the Helm chart renders to objects that name settings, ports and volumes that there are', async () => {
  const helm = join(container, 'helm');
  const values = parse(await readFile(join(helm, 'values.yaml'), 'utf8')) as Readonly<Record<string, string>>;
  const templates = join(helm, 'templates');
  const files = (await readdir(templates)).map((name) => join(templates, name));
  const kinds: unknown[] = [];
  for (const file of files) {
    const text = (await readFile(file, 'utf8')).replaceAll(
      /\{\{ \.(Release\.Name|Values\.(\w+)) \}\}/g,
      (_, path, name) => {
        const value = path === 'Release.Name' ? 'release' : values[String(name)];
        assert.ok(value !== undefined, `${basename(file)}: .Values.${String(name)}`);
        return value;
      },
    );
    assert.doesNotMatch(text, /\{\{/);
    for (const document of parseAllDocuments(text)) {
      assert.deepEqual(document.errors, []);
      kinds.push(document.get('kind'));
      if (document.get('kind') === 'StatefulSet') checkPod(document.toJS() as StatefulSet);
    }
  }
  assert.deepEqual(kinds.map(String).sort(), ['Service', 'StatefulSet']);
});

interface StatefulSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          {
            readonly env: readonly { readonly name: string }[];
            readonly volumeMounts: readonly { readonly name: string }[];
          },
        ];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
  };
}

function checkPod({ spec }: StatefulSet): void {
  const pod = spec.template.spec;
  const [server] = pod.containers;
  for (const { name } of server.env) assert.ok(known.has(name) || ROOT_KEY.includes(name), name);
  const there = [
    ...pod.volumes.map(({ name }) => name),
    ...spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ];
  assert.deepEqual(server.volumeMounts.map(({ name }) => name).sort(), there.sort());
}
