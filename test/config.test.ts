import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig, type Config, type ConfigSources } from '../src/config.ts';
import { inOrder } from '../src/config/yaml-reader.ts';
import { sectionsOf } from '../src/declarations/plan.ts';
import { streams } from '../src/services/kinesis/declared/section.ts';
import { functionsSection } from '../src/services/lambda/declared/section.ts';
import { registrations } from '../src/services/index.ts';
import { temporaryFolder } from './support/server.ts';

const sections = sectionsOf(registrations);

interface Given {
  readonly yaml?: string;
  readonly flags?: ConfigSources['flags'];
  readonly environment?: Record<string, string>;
}

async function folderWith(given: Given): Promise<string> {
  const folder = await temporaryFolder();
  if (given.yaml !== undefined) await writeFile(join(folder, 'nagare.yaml'), given.yaml);
  return folder;
}

async function read(given: Given, workingFolder?: string): Promise<Config> {
  return await readConfig({
    flags: given.flags ?? {},
    environment: given.environment ?? {},
    workingFolder: workingFolder ?? (await folderWith(given)),
    sections,
  });
}

async function problems(given: Given): Promise<string[]> {
  try {
    const { declarations } = await read(given);
    if (declarations.problems.length > 0) return inOrder(declarations.problems);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n');
  }
  throw new Error('the settings were accepted');
}

test('without settings the server uses loopback, port 4566 and ./nagare-data', async () => {
  const folder = await folderWith({});
  const { written, ...config } = await read({}, folder);
  assert.ok(written?.every(({ origin }) => origin === 'the default'));
  assert.deepEqual(
    { ...config, declarations: undefined },
    {
      host: '127.0.0.1',
      port: 4566,
      dataDir: join(folder, 'nagare-data'),
      region: 'us-east-1',
      accountId: '000000000000',
      corsOrigins: [],
      egressAllowed: [],
      trustedProxies: [],
      allowedHosts: [],
      baseDir: folder,
      logFormat: 'text',
      logLevel: 'info',
      workers: 0,
      lifecycleMs: 0,
      activePartitions: 500,
      streamIds: 'hidden',
      functionIsolation: 'auto',
      console: 'on',
      limits: { mode: 'none' },
      rates: {},
      declarations: undefined,
    },
  );
});

test('flags take precedence over the environment, then nagare.yaml, then defaults', async () => {
  const yaml = 'port: 1001\nregion: eu-west-1\naccountId: 000000000042\n';
  const environment = { NAGARE_PORT: '1002', NAGARE_REGION: 'eu-north-1' };
  const config = await read({ yaml, environment, flags: { port: '1003' } });
  assert.equal(config.port, 1003);
  assert.equal(config.region, 'eu-north-1');
  assert.equal(config.accountId, '000000000042');
  assert.equal(config.host, '127.0.0.1');
});

test('a data folder is relative to the file that names it, or to the working folder', async () => {
  const folder = await folderWith({});
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'etc', 'streams.yaml'), 'dataDir: ../data\n');
  const fromFile = await read({ flags: { config: 'etc/streams.yaml' } }, folder);
  assert.equal(fromFile.dataDir, join(folder, 'data'));
  assert.equal(fromFile.baseDir, join(folder, 'etc'));
  const fromFlag = await read({ flags: { config: 'etc/streams.yaml', dataDir: 'here' } }, folder);
  assert.equal(fromFlag.dataDir, join(folder, 'here'));
});

test('all problems are reported at once, each with its place and the accepted values', async () => {
  const found = await problems({
    flags: { port: '70000' },
    environment: { NAGARE_ACCOUNT_ID: '12', NAGARE_REGOIN: 'us-east-1' },
    yaml: 'streems:\n  a:\nlogLevel: loud\n',
  });
  assert.deepEqual(found, [
    'unknown setting NAGARE_REGOIN in the environment; did you mean NAGARE_REGION?',
    'nagare.yaml:1: streems is unknown; did you mean "streams"?',
    '--port is "70000"; it must be a whole number from 0 to 65535 (0 picks a free port)',
    'NAGARE_ACCOUNT_ID is "12"; it must be 12 digits',
    'logLevel in nagare.yaml is "loud"; it must be debug, info, warn, error or silent',
  ]);
});

// tlsCert in the file was told as --tls-cert, which the user had never written.
test('a certificate without its key is reported in the form in which it was given: flag, variable, or file', async () => {
  assert.deepEqual(await problems({ flags: { tlsCert: 'x' } }), [
    '--tls-cert needs --tls-key: the private key of the certificate',
  ]);
  assert.deepEqual(await problems({ environment: { NAGARE_TLS_CERT: 'x' } }), [
    'NAGARE_TLS_CERT needs NAGARE_TLS_KEY: the private key of the certificate',
  ]);
  assert.deepEqual(await problems({ yaml: 'tlsCert: x\n' }), [
    'tlsCert in nagare.yaml needs tlsKey: the private key of the certificate',
  ]);
  assert.deepEqual(await problems({ yaml: 'tlsKey: x\n' }), [
    'tlsKey in nagare.yaml needs tlsCert: the certificate of the key',
  ]);
});

// --region local was taken, and then mappings, Invoke and CreateBucket refused the server's own ARNs.
test('a region that is not in the form of AWS is refused', async () => {
  for (const region of ['local', 'us-east', 'us-east-11', 'US-EAST-1', 'us_east_1', 'us-secret-east-1', '']) {
    assert.deepEqual(await problems({ flags: { region } }), [
      `--region is "${region}"; it must be a region in the form of AWS, such as us-east-1, us-gov-west-1 or us-iso-east-1`,
    ]);
  }
  for (const region of ['eu-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'cn-northwest-1']) {
    assert.equal((await read({ flags: { region } })).region, region);
  }
});

test('origins and hosts are lists: separated by commas in flags and variables, lists in the file', async () => {
  const origins = ['http://localhost:3000', 'https://app.example', 'chrome-extension://abc'];
  const hosts = ['nagare.example', '192.0.2.7', '2001:db8::7'];
  for (const given of [
    { flags: { corsOrigin: origins.join(','), allowHost: hosts.join(', ') } },
    { environment: { NAGARE_CORS_ORIGIN: origins.join(','), NAGARE_ALLOW_HOST: hosts.join(',') } },
    {
      yaml: `corsOrigin: [${origins.join(', ')}]\nallowHost:\n${hosts.map((host) => `  - ${host}\n`).join('')}`,
    },
  ]) {
    const { corsOrigins, allowedHosts } = await read(given);
    assert.deepEqual([corsOrigins, allowedHosts], [origins, hosts]);
  }
  const one = await read({ yaml: 'corsOrigin: http://localhost:3000\n' });
  assert.deepEqual(one.corsOrigins, ['http://localhost:3000']);
});

test('origins have no wildcards, and hosts have no ports', async () => {
  for (const corsOrigin of [
    '*',
    'null',
    'localhost:3000',
    'http://localhost:3000/',
    'http://*.example',
    'HTTP://a',
    'a,,b',
  ]) {
    assert.deepEqual(await problems({ flags: { corsOrigin } }), [
      `--cors-origin is "${corsOrigin}"; it must be an origin such as http://localhost:3000, without a path and without wildcards`,
    ]);
  }
  for (const allowHost of ['*', 'nagare.example:4566', 'http://nagare.example', 'a..b', '[::1]', 'a b']) {
    assert.deepEqual(await problems({ flags: { allowHost } }), [
      `--allow-host is "${allowHost}"; it must be a host name or address, without a port`,
    ]);
  }
});

test('the host is an address or localhost', async () => {
  for (const host of ['example.com', '']) {
    const [problem] = await problems({ flags: { host } });
    assert.match(problem ?? '', /--host is ".*"; it must be an IP address or localhost/);
  }
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost', '0.0.0.0', '::', '192.168.1.7']) {
    assert.equal((await read({ flags: { host } })).host, host);
  }
});

// Kubernetes sets them in every pod of a namespace with a service called nagare, or nagare-something.
test('service variables of Kubernetes are ignored and named in one line; its NAGARE_PORT is not a port', async () => {
  const environment = {
    NAGARE_PORT: 'tcp://10.0.0.1:4566',
    NAGARE_SERVICE_HOST: '10.0.0.1',
    NAGARE_SERVICE_PORT_HTTP: '4566',
    NAGARE_PORT_4566_TCP: 'tcp://10.0.0.1:4566',
    NAGARE_PORT_4566_TCP_ADDR: '10.0.0.1',
    NAGARE_BLUE_SERVICE_HOST: '10.0.0.2',
    NAGARE_BLUE_PORT: 'tcp://10.0.0.2:4566',
  };
  const { port, warnings } = await read({ environment });
  assert.equal(port, 4566);
  assert.deepEqual(warnings, [
    `ignored ${Object.keys(environment).join(', ')}: Kubernetes sets these variables for services, unless enableServiceLinks is false`,
  ]);
});

test('an unknown setting in the environment stops only the server; other commands print a warning', async () => {
  const environment = { NAGARE_REGOIN: 'eu-west-1' };
  const message = 'unknown setting NAGARE_REGOIN in the environment; did you mean NAGARE_REGION?';
  assert.deepEqual(await problems({ environment }), [message]);
  const config = await readConfig({ flags: {}, environment, workingFolder: await temporaryFolder() });
  assert.deepEqual(config.warnings, [message]);
});

test('a configured file that does not exist is a problem; the default file may be absent', async () => {
  assert.deepEqual(await problems({ flags: { config: 'nowhere.yaml' } }), [
    'cannot read nowhere.yaml: the file does not exist',
  ]);
});

test('all declarations are read, with defaults', async () => {
  const { declarations } = await read({
    yaml: `
streams:
  orders:
    shardCount: 2
  events:
buckets: [archive]
functions:
  consumer:
    path: ./consumer.ts
    timeout: 30
    environment: { BUCKET: archive, RETRIES: 3, VERBOSE: true, ID: 007 }
    eventSources:
      - stream: orders
        batchSize: 10
listLogs:
  all:
    stream: orders
    bucket: archive
    key: log.txt
topics:
  alerts:
    subscriptions:
      - { protocol: http, endpoint: 'http://127.0.0.1:9000/' }
alarms:
  busy:
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    dimensions: { StreamName: orders }
    statistic: Sum
    period: 60
    threshold: 10
    comparisonOperator: GreaterThanThreshold
    alarmActions: [alerts]
`,
  });
  assert.deepEqual(
    declarations.entries(streams).map(({ name, value: { input } }) => [name, input]),
    [
      ['orders', { ShardCount: 2 }],
      ['events', {}],
    ],
  );
  const [consumer] = declarations.entries(functionsSection);
  assert.equal(consumer?.path, 'functions.consumer');
  assert.deepEqual(consumer.value.input, { Handler: 'handler', Timeout: 30 });
  assert.deepEqual(consumer.value.own.environment, {
    BUCKET: 'archive',
    RETRIES: '3',
    VERBOSE: 'true',
    ID: '007',
  });
  const [source] = consumer.value.own.eventSources;
  assert.deepEqual(source?.input, { BatchSize: 10 });
  assert.equal(source.own.stream, 'orders');
  const names = ['streams', 'buckets', 'functions', 'listLogs', 'topics', 'alarms'].map((one) =>
    declarations.names(one),
  );
  assert.deepEqual(names, [['orders', 'events'], ['archive'], ['consumer'], ['all'], ['alerts'], ['busy']]);
});

test('wrong declarations are reported with their line: missing, misspelt and mistyped ones', async () => {
  const yaml = `streams:
  orders: { shardCount: 1.5 }
functions:
  consumer:
    handler: handler
    eventSources:
      - stream: orders
        startingPosition: LATESt
alarms: []
topics:
  alerts:
    subscriptions:
      - { protocol: https, endpiont: 5 }
`;
  assert.deepEqual(await problems({ yaml }), [
    'nagare.yaml:2: streams.orders.shardCount must be a whole number',
    'nagare.yaml:4: functions.consumer lacks "path"',
    'nagare.yaml:8: functions.consumer.eventSources.0.startingPosition must be one of TRIM_HORIZON, LATEST, AT_TIMESTAMP; did you mean LATEST?',
    'nagare.yaml:9: alarms must be a map of names to values',
    'nagare.yaml:13: topics.alerts.subscriptions.0.endpiont is unknown; did you mean "endpoint"?',
    'nagare.yaml:13: topics.alerts.subscriptions.0 lacks "endpoint"',
  ]);
});

test('invalid YAML is reported with its line, and nothing else is', async () => {
  const found = await problems({ yaml: 'streams:\n  a: [1\nbuckets: [b]\n' });
  assert.equal(found.length > 0, true);
  for (const problem of found) assert.match(problem, /^nagare\.yaml:\d+: /);
  assert.deepEqual(await problems({ yaml: 'just words' }), [
    'nagare.yaml:1: the file must be a map of names to values',
  ]);
});

test('a duplicate name in nagare.yaml is a problem', async () => {
  const found = await problems({ yaml: 'streams:\n  a:\n  a:\n' });
  assert.deepEqual(found, ['nagare.yaml:3: streams.a is given twice']);
});

test('an empty file, or one with only comments, sets nothing', async () => {
  assert.equal((await read({ yaml: '' })).port, 4566);
  assert.equal((await read({ yaml: '# nothing yet\n' })).port, 4566);
});

test('the master key comes from the environment only, and an invalid one is reported without showing it', async () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  assert.equal((await read({ environment: { NAGARE_MASTER_KEY: key } })).masterKey, key);
  assert.deepEqual(await problems({ environment: { NAGARE_MASTER_KEY: 'secret' } }), [
    'NAGARE_MASTER_KEY must be base64 of 32 bytes (openssl rand -base64 32)',
  ]);
});

const keyFile = async (environment: Record<string, string>) => (await read({ environment })).masterKeyFile;

test('the master key can be in a file, or a credential of systemd', async () => {
  assert.equal(await keyFile({ NAGARE_MASTER_KEY_FILE: '/etc/nagare/key' }), '/etc/nagare/key');
  const [folder, name] = [import.meta.dirname, basename(import.meta.filename)];
  const credential = { NAGARE_MASTER_KEY_FILE: name, CREDENTIALS_DIRECTORY: folder };
  assert.equal(await keyFile(credential), import.meta.filename);
  assert.match(
    (await keyFile({ ...credential, CREDENTIALS_DIRECTORY: '/nowhere' })) ?? '',
    new RegExp(`/${name}$`),
  );
  const key = Buffer.alloc(32, 7).toString('base64');
  assert.deepEqual(
    await problems({ environment: { NAGARE_MASTER_KEY: key, NAGARE_MASTER_KEY_FILE: '/etc/nagare/key' } }),
    ['NAGARE_MASTER_KEY and NAGARE_MASTER_KEY_FILE are both set; remove NAGARE_MASTER_KEY'],
  );
});

test('limits are a mode, or single limits that differ from a mode; a flag sets the mode', async () => {
  assert.deepEqual((await read({ yaml: 'limits: aws\n' })).limits, { mode: 'aws' });
  assert.deepEqual((await read({ environment: { NAGARE_LIMITS: 'aws' } })).limits, { mode: 'aws' });
  const yaml = [
    'limits:',
    '  mode: aws',
    '  shardWriteBytesPerSecond: 1000',
    '  shardReadCallsPerSecond: none',
    '  callsPerSecond: { DescribeStream: 1 }',
    'streams:',
    '  orders: { limits: { mode: none, shardWriteRecordsPerSecond: 2 } }',
    '  events: { limits: aws }',
  ].join('\n');
  const config = await read({ yaml, flags: { limits: 'none' } });
  assert.deepEqual(config.limits, {
    mode: 'none',
    shardWriteBytesPerSecond: 1000,
    shardReadCallsPerSecond: Infinity,
    callsPerSecond: { DescribeStream: 1 },
  });
  assert.deepEqual(
    config.declarations.entries(streams).map(({ value }) => value.own.limits),
    [{ mode: 'none', shardWriteRecordsPerSecond: 2 }, { mode: 'aws' }],
  );
});

test('wrong limits are refused by name', async () => {
  const yaml = [
    'limits:',
    '  mode: azure',
    '  shardWriteBytesPerSeconds: 1',
    '  shardWriteRecordsPerSecond: 0',
    '  callsPerSecond: { DescribeStreams: 1 }',
    'streams:',
    '  orders: { limits: { shardsPerAccount: 1 } }',
  ].join('\n');
  assert.deepEqual(await problems({ yaml }), [
    'nagare.yaml:2: limits.mode must be one of none, aws',
    'nagare.yaml:3: limits.shardWriteBytesPerSeconds is unknown; did you mean "shardWriteBytesPerSecond"?',
    'nagare.yaml:4: limits.shardWriteRecordsPerSecond must be a whole number of at least 1, or none',
    'nagare.yaml:5: limits.callsPerSecond.DescribeStreams is unknown; did you mean "DescribeStream"?',
    'nagare.yaml:7: streams.orders.limits.shardsPerAccount is unknown; known keys: mode, ' +
      'shardWriteBytesPerSecond, shardWriteRecordsPerSecond, shardReadBytesPerSecond, shardReadCallsPerSecond, ' +
      'fanOutBytesPerSecond, consumersPerStream, shardCountUpdatesPerDay, modeUpdatesPerDay',
  ]);
  assert.deepEqual(await problems({ flags: { limits: 'some' } }), [
    '--limits is "some"; it must be aws or none',
  ]);
});

test('the audit log is relative to the file or folder that names it, and cannot be required without a place', async () => {
  const folder = await folderWith({ yaml: 'auditLog: logs/audit.log\nauditData: write\n' });
  const { audit } = await read({}, folder);
  assert.deepEqual(audit, {
    file: join(folder, 'logs/audit.log'),
    fileBytesMax: 104_857_600,
    filesMax: 10,
    data: 'write',
    required: false,
  });
  assert.equal((await read({})).audit, undefined);
  assert.deepEqual(await problems({ flags: { auditRequired: 'on' } }), [
    '--audit-required needs an audit log or an audit stream',
  ]);
  assert.deepEqual(await problems({ flags: { auditStream: 'a b', auditLogFiles: '0' } }), [
    '--audit-stream is "a b"; it must be the name of a stream: 1 to 128 letters, digits, and the characters _ . -',
    '--audit-log-files is "0"; it must be a whole number from 1 to 1000',
  ]);
});
