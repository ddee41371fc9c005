import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What git knows, or would know after `git add`. */
const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

const sources = files.filter((file) => file.startsWith('src/') && file.endsWith('.ts'));

/** Settings, limits and facts that every part may know. Files beside the folders in src/. */
const common = ['support', 'config', 'config.ts', 'errors.ts', 'metrics.ts'];

/** What every service may import; never another service. */
const ofServices = [
  'services/registration.ts',
  'auth',
  'aws',
  'http',
  'protocol',
  'engine',
  'queue',
  'consumers',
  'declarations',
  'delivery',
  ...common,
];

const services = readdirSync(join(root, 'src/services'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `services/${name}`);

/** Which rooms a room of src/ may import from, besides itself. docs/architecture.md shows the same as a picture. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  support: [],
  aws: ['auth', 'support', 'errors.ts'],
  config: ['support'],
  'config.ts': ['support', 'config', 'errors.ts'],
  'errors.ts': ['support'],
  'metrics.ts': ['support'],
  declarations: ['config', 'protocol', 'support'],
  'data-folder': ['support', 'errors.ts'],
  http: ['support', 'errors.ts'],
  auth: ['engine', 'http', 'support', 'errors.ts'],
  protocol: ['http', 'auth', 'support', 'errors.ts', 'metrics.ts'],
  audit: ['auth', 'http', 'protocol', 'support', 'errors.ts', 'metrics.ts'],
  telemetry: ['http', 'protocol', 'support', 'errors.ts', 'metrics.ts'],
  engine: ['support', 'errors.ts'],
  decode: ['consumers', 'support'],
  queue: ['engine', 'support', 'errors.ts', 'metrics.ts'],
  consumers: ['engine', 'support', 'errors.ts', 'metrics.ts'],
  delivery: ['engine', 'consumers', 'support', 'errors.ts', 'metrics.ts'],
  ...Object.fromEntries(services.map((service) => [service, ofServices])),
  'services/registration.ts': [
    'auth',
    'aws',
    'declarations',
    'http',
    'protocol',
    'engine',
    'consumers',
    'delivery',
    ...common,
  ],
  'services/index.ts': services,
  console: [
    'audit',
    'auth',
    'consumers',
    'decode',
    'engine',
    'http',
    'protocol',
    'support',
    'errors.ts',
    'metrics.ts',
  ],
  server: [
    'audit',
    'telemetry',
    'console',
    'aws',
    'auth',
    'data-folder',
    'declarations',
    'services/index.ts',
    'services/registration.ts',
    'http',
    'protocol',
    'engine',
    'consumers',
    ...common,
  ],
  cli: ['server', 'decode', 'data-folder', 'http', 'auth', 'protocol', 'engine', ...common],
  'main.ts': ['cli', 'support'],
};

/** Interfaces between services, each in the room of the one that offers it. */
const contracts = [
  'services/cloudwatch/metrics/pipeline.ts',
  'services/s3/object-store.ts',
  'services/glue/table-schemas.ts',
  'services/iam/identities.ts',
  'services/lambda/functions.ts',
  'services/logs/log-store.ts',
  'services/sqs/message-queues.ts',
];

/** `src/http/body.ts` is in the room `http`, `src/services/s3/ranges.ts` in `services/s3`, `src/errors.ts` is a room of its own. */
function room(file: string): string {
  const [first = '', second] = relative('src', file).split('/');
  return first === 'services' ? `${first}/${second}` : first;
}

/** Files that a file imports of our own. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s[^;]*?from\s+'(\.[^']+)'/gms);
  const dynamic = text.matchAll(/import\(\s*'(\.[^']+)'\s*\)/g);
  return [...statements, ...dynamic].map(([, path]) =>
    relative(root, resolve(root, dirname(file), path ?? '')),
  );
}

test('imports go one way: each folder imports only those listed for it', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const from = room(file);
    const allowed = arrows[from];
    assert.ok(allowed, `${file}: src/${from} is a new room; say in this test what it may import`);
    for (const target of importsOf(file)) {
      const to = room(target);
      const isContract = contracts.includes(relative('src', target));
      if (to !== from && !allowed.includes(to) && !isContract) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** Groups of files that import each other, directly or not (Tarjan's strongly connected components). */
function circles(): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    stack.push(file);
    let low = index;
    for (const target of importsOf(file).filter((path) => sources.includes(path))) {
      if (!order.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low);
    }
    if (low === index) {
      const members = stack.splice(stack.indexOf(file));
      if (members.length > 1) found.push(members.toSorted());
    }
    return low;
  };
  for (const file of sources) if (!order.has(file)) visit(file);
  return found;
}

test('no files import each other in a circle, not even types', () => {
  assert.deepEqual(circles(), []);
});

test('only the command that starts the server, and tests, import it', () => {
  const importers = sources.filter((file) => importsOf(file).includes('src/server/start.ts'));
  assert.deepEqual(importers, ['src/cli/start.ts']);
});

/** What Node loads with a file: neither types, nor what it imports when that is needed. */
function loadedWith(file: string, loaded = new Set<string>()): Set<string> {
  if (loaded.has(file) || !sources.includes(file)) return loaded;
  loaded.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, names = '', path = ''] of text.matchAll(
    /^(?:import|export)\s([^;]*?)from\s+'(\.[^']+)'/gms,
  )) {
    const isType = /^type\s/.test(names) || /^\{(?:\s*type\s[^,}]*,?)+\s*\}\s*$/.test(names);
    if (!isType) loadedWith(relative(root, resolve(root, dirname(file), path)), loaded);
  }
  return loaded;
}

test('commands load the server when they need it: most ask one that runs, and start in half the time', () => {
  const loaded = [...loadedWith('src/cli/program.ts')];
  assert.ok(loaded.length > 100, 'the commands were not found');
  assert.deepEqual(
    loaded.filter((file) => ['src/services/', 'src/engine/embedded/'].some((room) => file.startsWith(room))),
    [],
  );
});

test('no source file is longer than 400 lines', () => {
  const long = sources
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > 400);
  assert.deepEqual(long, []);
});

test('the linter still bounds functions to 70 lines and refuses promises that nobody awaits', () => {
  // The file is ours and has no comments.
  const { rules } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    rules: Record<string, unknown>;
  };
  assert.deepEqual(rules['eslint/max-lines-per-function'], [
    'error',
    { max: 70, skipBlankLines: true, skipComments: true },
  ]);
  assert.equal(rules['typescript/no-floating-promises'], 'error');
});

test('no file names a folder of the machine it was written on', () => {
  // root's home is too common a word: tests of paths use it.
  const places = [root, `${homedir()}/`].filter((place) => place !== '/root/');
  const naming = files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return places.some((place) => text.includes(place));
  });
  assert.deepEqual(naming, []);
});
