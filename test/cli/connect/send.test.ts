import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { selfSigned } from '../../../src/http/self-signed.ts';
import { runCommand } from '../../support/command.ts';
import { spawnServer, temporaryFolder } from '../../support/server.ts';

/** A server of something else on a free port of its own. */
async function fake(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() };
}

type Fake = Awaited<ReturnType<typeof fake>>;

const html = '<html></html>';
let closing: Fake;
let dying: Fake;
let web: Fake;

before(async () => {
  closing = await fake((socket) => socket.destroy());
  dying = await fake((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"a', () =>
      socket.destroy(),
    );
  });
  web = await fake((socket) => {
    socket.end(
      `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${html.length}\r\nconnection: close\r\n\r\n${html}`,
    );
  });
});

after(() => {
  for (const server of [closing, dying, web]) server.close();
});

/** One for each way in which commands send. */
const COMMANDS = [
  'stream ls',
  'function ls',
  'function invoke f --payload {}',
  'topic ls',
  'key ls',
  'queue ls',
  'consumer report orders',
  'tail orders --no-follow',
  'declare',
  'clock accept',
  'cluster status',
];

test('a server that dies before or in its answer is an error, never a crash', async () => {
  for (const { endpoint } of [closing, dying]) {
    for (const command of [...COMMANDS, 'top --once', 'bucket ls', 'object get a/b']) {
      const { code, errors } = await runCommand([...command.split(' '), '--endpoint-url', endpoint]);
      assert.equal(code, 1, command);
      assert.match(
        errors,
        /^nagare: \S+ gave no answer\n {2}why: .+\n {2}try: nagare help connect\n$/,
        command,
      );
    }
  }
});

test('an answer of something that is no server of AWS services is an error too', async () => {
  // What a function returns can be anything.
  for (const command of COMMANDS.filter((one) => !one.includes('invoke'))) {
    const { code, output, errors } = await runCommand([
      ...command.split(' '),
      '--endpoint-url',
      web.endpoint,
    ]);
    assert.equal(code, 1, command);
    assert.match(`${output}${errors}`, /^nagare: /, command);
  }
});

test('the error names a host that is not known, and a server without TLS', async () => {
  const unknown = await runCommand(['stream', 'ls', '--endpoint-url', 'http://nagare.invalid']);
  assert.match(
    unknown.errors,
    /^nagare: no server answers at http:\/\/nagare\.invalid\n {2}why: its host is not known\n/,
  );
  const secure = web.endpoint.replace('http:', 'https:');
  const { errors } = await runCommand(['stream', 'ls', '--endpoint-url', secure]);
  assert.equal(
    errors,
    `nagare: ${secure} gave no answer\n  why: the server there does not speak TLS\n  try: --endpoint-url ${web.endpoint}\n`,
  );
});

test('a certificate that is not trusted is named, with what trusts it', async (t) => {
  const server = createTlsServer(selfSigned(['127.0.0.1'], Date.now()));
  server.on('tlsClientError', () => undefined);
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const command of ['stream ls', 'bucket ls']) {
    const { code, errors } = await runCommand([...command.split(' '), '--endpoint-url', endpoint]);
    assert.equal(code, 1);
    assert.ok(
      errors.startsWith(
        `nagare: the certificate of ${endpoint} is not trusted\n  why: self-signed certificate`,
      ),
      errors,
    );
    assert.ok(errors.endsWith('\n  try: export AWS_CA_BUNDLE=CERTIFICATE-FILE\n'));
  }
});

test('a command for nagare alone says so at AWS, instead of that AWS does not answer', async () => {
  const environment = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const { code, errors } = await runCommand(['list-log', 'ls', '--endpoint-url', 'aws'], environment);
  assert.equal(code, 1);
  assert.match(errors, /^nagare: this command needs a server of nagare\n/);
});

test('commands show a client certificate, by flags, the environment or a context', async () => {
  const folder = await temporaryFolder();
  const { cert, key } = selfSigned([], Date.now());
  await writeFile(join(folder, 'me.crt'), cert);
  await writeFile(join(folder, 'me.key'), key);
  await writeFile(join(folder, 'me.pem'), `${cert}${key}`);
  await using server = await spawnServer({ args: ['--tls', '--tls-client-ca', join(folder, 'me.crt')] });
  const endpoint = server.endpoint.replace('http:', 'https:');
  const home = { HOME: folder, AWS_CA_BUNDLE: join(server.dataDir, 'tls', 'server.crt') };
  const run = (line: string, environment: Record<string, string> = {}) =>
    runCommand(line.split(' '), { ...home, ...environment }, { workingFolder: folder });
  const flags = `--endpoint-url ${endpoint} --client-cert me.crt --client-key me.key`;
  // By our own requests, by the SDK, and by those that ask whether a server answers.
  const answered = { 'stream ls': /^$/, 'bucket ls': /^$/, version: /server {2}\d/, console: /^https:/ };
  for (const [line, output] of Object.entries(answered)) {
    const done = await run(`${line} ${flags}`);
    assert.equal(done.code, 0, done.errors);
    assert.match(done.output, output);
  }
  const both = await run(`bucket ls --endpoint-url http://127.0.0.1:1,${endpoint} --client-cert me.pem`);
  assert.equal(both.code, 0, both.errors);
  const NAGARE_CLIENT_CERT = join(folder, 'me.pem');
  assert.equal((await run(`stream ls --endpoint-url ${endpoint}`, { NAGARE_CLIENT_CERT })).code, 0);
  await run(`context add it ${flags} --use`);
  const byContext = await run('stream ls');
  assert.equal(byContext.code, 0, byContext.errors);
  for (const line of ['stream ls', 'bucket ls']) {
    const without = await run(`${line} --endpoint-url ${endpoint} --context it`, { HOME: '/nonexistent' });
    assert.notEqual(without.code, 0);
    const refused = await run(`${line} --endpoint-url ${endpoint}`, { HOME: '/nonexistent' });
    assert.equal(refused.code, 1);
    assert.match(
      refused.errors,
      /^nagare: \S+ (?:refuses the client certificate, or wants one|gave no answer)\n/,
    );
  }
  const keyOnly = await run(`stream ls --endpoint-url ${endpoint} --client-key me.key`);
  assert.equal(keyOnly.code, 2);
  const noKey = await run(`stream ls --endpoint-url ${endpoint} --client-cert me.crt`);
  assert.match(noKey.errors, /^nagare: the client certificate \S+me\.crt cannot be used\n {2}why: /);
});
