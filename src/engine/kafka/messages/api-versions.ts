import type { Call } from './call.ts';

export interface OfferedCall {
  readonly key: number;
  readonly versionMin: number;
  readonly versionMax: number;
}

/**
 * ApiVersions Request (Version: 0) =>
 *
 * ApiVersions Response (Version: 0) => error_code [api_keys]
 *   error_code => INT16
 *   api_keys => api_key min_version max_version
 *     api_key => INT16
 *     min_version => INT16
 *     max_version => INT16
 */
export const apiVersions: Call<
  void,
  { readonly errorCode: number; readonly offered: readonly OfferedCall[] }
> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  write: () => undefined,
  read: (reader) => ({
    errorCode: reader.int16(),
    offered: reader.array(() => ({
      key: reader.int16(),
      versionMin: reader.int16(),
      versionMax: reader.int16(),
    })),
  }),
};
