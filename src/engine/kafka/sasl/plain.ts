/** RFC 4616. The password is sent as it is: only over TLS, or on a network that is trusted. */
export async function* plain(
  user: string,
  password: () => Promise<string>,
): AsyncGenerator<Uint8Array, void, Buffer> {
  yield Buffer.from(`\0${user}\0${await password()}`);
}
