// Waits until each of the given brokers knows COUNT brokers: a Metadata request of Kafka's protocol, written by hand.
//   node kafka-ready.mjs COUNT SECONDS HOST:PORT...
import { connect } from 'node:net';

const [count, seconds, ...addresses] = process.argv.slice(2);
// API key 3, version 1, correlation id 1, client id "up", no topics.
const request = Buffer.from('0000001000030001000000010002757000000000', 'hex');
request.writeInt32BE(request.length - 4);

function brokersKnownTo(address) {
  return new Promise((resolve) => {
    const [host, port] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    const chunks = [];
    const end = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(2000, () => end(0));
    socket.on('error', () => end(0));
    socket.on('close', () => end(0));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length >= 12 && all.length >= all.readInt32BE(0) + 4) end(all.readInt32BE(8));
    });
  });
}

const deadline = Date.now() + Number(seconds) * 1000;
for (;;) {
  const known = await Promise.all(addresses.map(brokersKnownTo));
  if (known.every((brokers) => brokers === Number(count))) process.exit(0);
  if (Date.now() > deadline) {
    process.stderr.write(`brokers known to each: ${known.join(', ')}\n`);
    process.exit(1);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
