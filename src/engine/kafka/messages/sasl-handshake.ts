import type { Call } from './call.ts';

/**
 * SaslHandshake Request (Version: 1) => mechanism
 *   mechanism => STRING
 *
 * SaslHandshake Response (Version: 1) => error_code [mechanisms]
 *   error_code => INT16
 *   mechanisms => STRING
 */
export const saslHandshake: Call<
  { readonly mechanism: string },
  { readonly errorCode: number; readonly mechanisms: readonly string[] }
> = {
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  write: (writer, { mechanism }) => {
    writer.string(mechanism);
  },
  read: (reader) => ({ errorCode: reader.int16(), mechanisms: reader.array(() => reader.string()) }),
};
