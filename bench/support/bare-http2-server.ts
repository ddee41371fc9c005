import { createServer } from 'node:http2';

/** The least that a node:http2 server can do with a request: read the body, answer a constant. Prints its port. */
const answer = JSON.stringify({
  ShardId: 'shardId-000000000000',
  SequenceNumber: '49600000000000000000000000000000000000000000000000000002',
});

const server = createServer();
server.on('stream', (stream) => {
  stream.on('data', () => {});
  stream.on('end', () => {
    stream.respond({
      ':status': 200,
      'content-type': 'application/x-amz-json-1.1',
      'content-length': answer.length,
    });
    stream.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
