const SEPARATOR = '\u0001';

/** RFC 7628. An answer that is not empty describes why the token was refused; the broker then waits for one byte. */
export async function* oauthBearer(token: () => Promise<string>): AsyncGenerator<Uint8Array, void, Buffer> {
  const answer = yield Buffer.from(`n,,${SEPARATOR}auth=Bearer ${await token()}${SEPARATOR}${SEPARATOR}`);
  if (answer.length > 0) yield Buffer.from(SEPARATOR);
}
