import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaSetupError } from '../../../src/engine/kafka/errors.ts';
import { oauthBearer } from '../../../src/engine/kafka/sasl/oauth-bearer.ts';
import { plain } from '../../../src/engine/kafka/sasl/plain.ts';
import { scram } from '../../../src/engine/kafka/sasl/scram.ts';
import { WireError } from '../../../src/engine/kafka/wire-reader.ts';

const pencil = (): Promise<string> => Promise.resolve('pencil');
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const serverFirst = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;

test('SCRAM-SHA-256 sends the messages of the example in RFC 7677', async () => {
  const exchange = scram('sha256', 'user', pencil, () => nonce);
  assert.equal(String((await exchange.next()).value), `n,,n=user,r=${nonce}`);
  assert.equal(
    String((await exchange.next(Buffer.from(serverFirst))).value),
    `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  );
  const end = await exchange.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='));
  assert.equal(end.done, true);
});

test('a server that does not know the password is refused', async () => {
  const exchange = scram('sha256', 'user', pencil, () => nonce);
  await exchange.next();
  await exchange.next(Buffer.from(serverFirst));
  await assert.rejects(
    exchange.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl9xG4=')),
    KafkaSetupError,
  );
});

test('a server cannot ask for endless iterations, nor choose the nonce alone', async () => {
  for (const answer of [
    serverFirst.replace('4096', '2000000000'),
    serverFirst.replace('4096', '0'),
    serverFirst.replace(nonce, 'other'),
    'e=other-error',
  ]) {
    const exchange = scram('sha512', 'user', pencil, () => nonce);
    await exchange.next();
    await assert.rejects(exchange.next(Buffer.from(answer)), WireError);
  }
});

test('names with commas and equals signs are escaped', async () => {
  const exchange = scram('sha512', 'a=b,c', pencil, () => nonce);
  assert.equal(String((await exchange.next()).value), `n,,n=a=3Db=2Cc,r=${nonce}`);
});

test('PLAIN and OAUTHBEARER send what their RFCs say', async () => {
  assert.equal(String((await plain('user', pencil).next()).value), '\0user\0pencil');
  const bearer = oauthBearer(() => Promise.resolve('token'));
  assert.equal(String((await bearer.next()).value), 'n,,\u0001auth=Bearer token\u0001\u0001');
  assert.equal((await bearer.next(Buffer.alloc(0))).done, true);
  const refused = oauthBearer(() => Promise.resolve('token'));
  await refused.next();
  assert.equal(String((await refused.next(Buffer.from('{"status":"invalid_token"}'))).value), '\u0001');
});
