import type { ServiceError } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { errorDescriber } from '../error-shapes.ts';
import { parseJson } from '../rpc/json.ts';
import { jsonDecoder, jsonEncoder } from '../documents/json-values.ts';
import type { ServiceModel } from '../model.ts';
import type { ErrorCodes, Protocol } from '../protocol.ts';
import type { RequestIds } from '../request-ids.ts';
import { restCodec, type Documents } from './rest.ts';

const CONTENT_TYPE = 'application/json';

const errorCodes: ErrorCodes = {
  validation: 'ValidationException',
  serialization: 'SerializationException',
  malformedMessage: 'Could not parse request body into json.',
  unsupported: 'UnsupportedOperationException',
  unsupportedStatus: 400,
  unknownOperation: 'UnknownOperationException',
  tooLarge: 'RequestTooLargeException',
  accessDenied: 'AccessDeniedException',
  notSigned: 'MissingAuthenticationTokenException',
  internal: 'ServiceException',
  denials: 'rest-json',
};

/** REST-JSON, the protocol of Lambda. */
export function restJsonProtocol(model: ServiceModel): Protocol {
  const decoder = jsonDecoder(model);
  const encoder = jsonEncoder(model);
  const describe = errorDescriber(model);
  const documents: Documents = {
    contentType: CONTENT_TYPE,
    parse: parseJson,
    decoder: (shapeName) => decoder(shapeName),
    encodeBody: (operation, _shape) => {
      const encode = encoder(operation.output?.shape ?? '');
      return (output) => JSON.stringify(encode(output));
    },
    encodePayload: (_name, reference) => {
      const encode = encoder(reference.shape);
      return (value) => JSON.stringify(encode(value));
    },
    idHeaders: (ids) => ({ 'x-amzn-RequestId': ids.requestId }),
  };

  function encodeError(error: ServiceError, _request: HttpRequest, ids: RequestIds): HttpResponse {
    const { shapeName, messageMember, shape } = describe(error);
    const headers: Record<string, string> = {
      'x-amzn-RequestId': ids.requestId,
      'x-amzn-ErrorType': shapeName,
      'Content-Type': CONTENT_TYPE,
    };
    const body: Record<string, string> = { Type: error.status < 500 ? 'User' : 'Service' };
    const inHeaders = new Map(
      Object.entries(shape?.members ?? {}).flatMap(([name, { location, locationName }]) =>
        location === 'header' ? [[name, locationName ?? name]] : [],
      ),
    );
    body[messageMember] = error.message;
    for (const [name, value] of Object.entries(error.fields)) {
      const header = inHeaders.get(name);
      if (header === undefined) body[name] = value;
      else headers[header] = value;
    }
    return { status: error.status, headers, body: JSON.stringify(body) };
  }

  return {
    model,
    codec: (operation) => restCodec(model, operation, documents),
    encodeError,
    errorCodes,
    rpc: false,
  };
}
