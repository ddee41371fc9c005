import type { Call } from './call.ts';

/**
 * SaslAuthenticate Request (Version: 1) => auth_bytes
 *   auth_bytes => BYTES
 *
 * SaslAuthenticate Response (Version: 1) => error_code error_message auth_bytes session_lifetime_ms
 *   error_code => INT16
 *   error_message => NULLABLE_STRING
 *   auth_bytes => BYTES
 *   session_lifetime_ms => INT64
 */
export const saslAuthenticate: Call<
  { readonly message: Uint8Array },
  {
    readonly errorCode: number;
    readonly errorMessage: string | undefined;
    readonly message: Buffer;
    /** After it the broker closes the connection; 0 for never. */
    readonly lifetimeMs: number;
  }
> = {
  name: 'SaslAuthenticate',
  key: 36,
  version: 1,
  write: (writer, { message }) => {
    writer.bytes(message);
  },
  read: (reader) => ({
    errorCode: reader.int16(),
    errorMessage: reader.nullableString(),
    message: reader.bytes(),
    lifetimeMs: reader.number64(),
  }),
};
