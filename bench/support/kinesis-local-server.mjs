// kinesis-local (kinesis-mock), in memory, without its delays. It tells no port: it is given free ones, and its
// address is printed when it answers there.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const main = createRequire(import.meta.url).resolve('kinesis-local');
const [port, tlsPort] = [await freePort(), await freePort()];
Object.assign(process.env, {
  KINESIS_MOCK_PLAIN_PORT: String(port),
  KINESIS_MOCK_TLS_PORT: String(tlsPort),
  KINESIS_MOCK_CERT_PATH: main.replace(/main\.js$/, 'server.json'),
  CREATE_STREAM_DURATION: '0ms',
});
// It warns, again and again, that it has more to do than it can.
process.stderr.write = () => true;
await import(main);
while (!(await answers(port))) await delay(50);
process.stdout.write(`http://127.0.0.1:${port}\n`);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('connect', () => socket.destroy());
    socket.on('error', () => resolve(false));
  });
}
