import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { KafkaSetupError } from '../errors.ts';
import { kafkaLimits } from '../limits.ts';
import { WireError } from '../wire-reader.ts';

const derive = promisify(pbkdf2);
/** "n,,": no channel binding, no other user than the one who authenticates. */
const GS2_HEADER = 'n,,';

/** RFC 5802: proves the knowledge of the password without sending it, and demands the same of the server. */
export async function* scram(
  hash: 'sha256' | 'sha512',
  user: string,
  password: () => Promise<string>,
  nonce: () => string = () => randomBytes(24).toString('base64'),
): AsyncGenerator<Uint8Array, void, Buffer> {
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const ownNonce = nonce();
  const first = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${ownNonce}`;
  const serverFirst = (yield Buffer.from(GS2_HEADER + first)).toString();
  const { r: bothNonces = '', s: salt = '', i: iterations = '' } = attributesOf(serverFirst);
  const rounds = Number(iterations);
  if (!bothNonces.startsWith(ownNonce) || bothNonces.length === ownNonce.length || salt === '') {
    throw new WireError('not an answer of SCRAM');
  }
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > kafkaLimits.scramIterationsMax) {
    throw new WireError(`SCRAM with ${iterations} iterations`);
  }
  const length = hash === 'sha256' ? 32 : 64;
  const salted = await derive(await password(), Buffer.from(salt, 'base64'), rounds, length, hash);
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const withoutProof = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${bothNonces}`;
  const signed = `${first},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, signed);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  const serverFinal = yield Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  const { v: verifier = '' } = attributesOf(serverFinal.toString());
  const expected = hmac(hmac(salted, 'Server Key'), signed);
  const shown = Buffer.from(verifier, 'base64');
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) {
    throw new KafkaSetupError('the Kafka broker does not know the password that it asked for');
  }
}

/** `r=...,s=...,i=...`; values may contain `=`. */
function attributesOf(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
