import type { GetObjectRequest } from '@aws-sdk/client-s3';
import type { Checked } from '../../protocol/service.ts';
import { unrepresentableHeader } from './errors.ts';

type Overrides = Pick<
  Checked<GetObjectRequest>,
  | 'ResponseContentType'
  | 'ResponseCacheControl'
  | 'ResponseContentDisposition'
  | 'ResponseContentEncoding'
  | 'ResponseContentLanguage'
  | 'ResponseExpires'
>;

/** Characters allowed in a header's value. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * `response-content-type` and similar parameters replace the headers that the object was stored with. Throws
 * InvalidArgument.
 */
export function overrides(input: Overrides) {
  return {
    ...override('ContentType', 'response-content-type', input.ResponseContentType),
    ...override('CacheControl', 'response-cache-control', input.ResponseCacheControl),
    ...override('ContentDisposition', 'response-content-disposition', input.ResponseContentDisposition),
    ...override('ContentEncoding', 'response-content-encoding', input.ResponseContentEncoding),
    ...override('ContentLanguage', 'response-content-language', input.ResponseContentLanguage),
    ...(input.ResponseExpires === undefined ? {} : { Expires: input.ResponseExpires.toUTCString() }),
  };
}

function override<Name extends string>(
  member: Name,
  parameter: string,
  value: string | undefined,
): Partial<Record<Name, string>> {
  if (value === undefined) return {};
  if (!FIELD_VALUE.test(value)) throw unrepresentableHeader(parameter, value);
  // One computed name makes a record with that name.
  return { [member]: value } as Record<Name, string>;
}
