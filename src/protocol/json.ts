import { isUtf8 } from 'node:buffer';
import type { ServiceError } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { errorDescriber } from './error-shapes.ts';
import { eventStreamMember, eventStreamResponse } from './event-stream-output.ts';
import { jsonDecoder, jsonEncoder } from './json-values.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { EdgeWords, OperationCodec, Protocol } from './protocol.ts';
import type { RequestIds } from './request-ids.ts';
import { SerializationError } from './serialization-error.ts';
import { EncodedOutput } from './service.ts';

const words: EdgeWords = {
  validation: 'ValidationException',
  serialization: 'SerializationException',
  malformedMessage: '',
  unsupported: 'UnsupportedOperationException',
  unsupportedStatus: 400,
  unknownOperation: 'UnknownOperationException',
  tooLarge: 'RequestEntityTooLargeException',
  internal: 'InternalFailure',
};

/** AWS JSON 1.0 and 1.1: POST /, the operation in X-Amz-Target, members as JSON. */
export function jsonProtocol(model: ServiceModel, version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;
  const decoder = jsonDecoder(model);
  const encoder = jsonEncoder(model);
  const describe = errorDescriber(model);
  // JSON 1.0 names errors with their namespace, 1.1 without.
  const namespace = version === '1.0' ? `com.amazonaws.${model.metadata.serviceId.toLowerCase()}#` : '';

  function codec(operation: OperationModel): OperationCodec {
    const decodeInput = operation.input === undefined ? () => ({}) : decoder(operation.input.shape);
    const encodeOutput = operation.output === undefined ? undefined : encoder(operation.output.shape);
    const events = eventStreamMember(model, operation);
    return {
      decode: (_request, body) => decodeInput(parseJson(body)) as object,
      encode(output, _request, ids) {
        if (events !== undefined)
          return eventStreamResponse(events, encoder, output as object, ids, describe);
        return { status: 200, headers: headers(contentType, ids), body: bodyOf(output, encodeOutput) };
      },
    };
  }

  function encodeError(error: ServiceError, request: HttpRequest, ids: RequestIds): HttpResponse {
    const { shapeName, code, messageMember } = describe(error);
    const out: Record<string, string> = headers(contentType, ids);
    if (model.metadata.awsQueryCompatible !== undefined && request.headers['x-amzn-query-mode'] === 'true') {
      out['x-amzn-query-error'] = `${code};${error.status < 500 ? 'Sender' : 'Receiver'}`;
    }
    const body: Record<string, string> = { __type: namespace + shapeName };
    // A body that could not be read, and an unknown target, are answered without a message.
    if (error.message !== '') {
      body[shapeName === words.serialization ? 'Message' : messageMember] = error.message;
    }
    return { status: error.status, headers: out, body: JSON.stringify({ ...body, ...error.fields }) };
  }

  return { model, codec, encodeError, words, rpc: true };
}

function bodyOf(output: unknown, encode: ((value: unknown) => unknown) | undefined): string | Uint8Array {
  if (output instanceof EncodedOutput) return output.json();
  if (encode === undefined) return '';
  return JSON.stringify(encode(output ?? {}));
}

function headers(contentType: string, ids: RequestIds): Record<string, string> {
  return { 'x-amzn-RequestId': ids.requestId, 'x-amz-id-2': ids.extendedId, 'Content-Type': contentType };
}

/** Throws SerializationError, without words as AWS does, for what is no JSON object. */
export function parseJson(body: Buffer): object {
  let parsed: unknown;
  try {
    if (isUtf8(body)) parsed = JSON.parse(body.toString('utf8'));
  } catch {
    // Told below, as what is no object is.
  }
  if (typeof parsed !== 'object' || parsed === null) throw new SerializationError('', true);
  return parsed;
}
