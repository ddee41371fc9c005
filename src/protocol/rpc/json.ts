import { isUtf8 } from 'node:buffer';
import { checkJsonBounds } from '../documents/value-bounds.ts';
import { jsonDecoder, jsonEncoder } from '../documents/json-values.ts';
import type { ServiceModel } from '../model.ts';
import type { Protocol } from '../protocol.ts';
import { rpcProtocol } from './rpc.ts';
import type { Service } from '../service.ts';
import { SerializationError } from '../serialization-error.ts';

/** AWS JSON 1.0 and 1.1: POST /, the operation in X-Amz-Target, members as JSON. */
export function jsonProtocol(
  model: ServiceModel,
  version: '1.0' | '1.1',
  { fastParsers = {}, offloadedParsers = {} }: Pick<Service, 'fastParsers' | 'offloadedParsers'> = {},
): Protocol {
  const encoder = jsonEncoder(model);
  return rpcProtocol(model, {
    contentType: `application/x-amz-json-${version}`,
    // JSON 1.0 names errors with their namespace, 1.1 without.
    errorNamespace: version === '1.0' ? `com.amazonaws.${model.metadata.serviceId.toLowerCase()}#` : '',
    headers: {},
    fastParsers,
    offloadedParsers,
    parse: parseJson,
    decoder: jsonDecoder(model),
    encoder(shapeName) {
      const encode = encoder(shapeName);
      return (value) => JSON.stringify(encode(value));
    },
    encodeError: (error) => JSON.stringify(error),
    encoded: (output) => output.json(),
  });
}

/**
 * Throws SerializationError for anything but a JSON object; without a message, as AWS does. A body with too many
 * values is refused before it is parsed, because its values would take many times its size.
 */
export function parseJson(body: Buffer): object {
  checkJsonBounds(body);
  let parsed: unknown;
  try {
    if (isUtf8(body)) parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // Reported below, together with values that are not objects.
  }
  if (typeof parsed !== 'object' || parsed === null) throw new SerializationError('', true);
  return parsed;
}
