import type { ServiceError } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { errorDescriber } from '../error-shapes.ts';
import { eventStreamOf, eventStreamResponse, type EventDocuments } from '../documents/event-stream-output.ts';
import type { Decoder } from '../decode-values.ts';
import type { OperationModel, ServiceModel } from '../model.ts';
import type { ErrorCodes, OperationCodec, Protocol } from '../protocol.ts';
import type { RequestIds } from '../request-ids.ts';
import { type Encoded, EncodedOutput } from '../service.ts';
import type { FastParser, OffloadedParser } from '../fast-parser.ts';

/** The differences between AWS JSON, CBOR 1.1 and Smithy's RPC v2: the documents, and a few headers. */
export interface RpcDocuments {
  readonly contentType: string;
  /** Precedes an error's name in `__type`. */
  readonly errorNamespace: string;
  readonly headers: Readonly<Record<string, string>>;
  parse(body: Buffer): unknown;
  decoder(shapeName: string): Decoder;
  encoder(shapeName: string): (value: unknown) => string | Uint8Array;
  encodeError(error: Readonly<Record<string, string>>): string | Uint8Array;
  /** Fast parsers for the usual bodies, by operation. */
  readonly fastParsers?: Readonly<Record<string, FastParser>>;
  readonly offloadedParsers?: Readonly<Record<string, OffloadedParser>>;
  /** As in OperationCodec. */
  readonly viewsBody?: boolean;
  /** What a handler encoded itself, if it can be sent unchanged. */
  encoded?(output: EncodedOutput): Encoded;
}

const errorCodes: ErrorCodes = {
  validation: 'ValidationException',
  serialization: 'SerializationException',
  malformedMessage: '',
  unsupported: 'UnsupportedOperationException',
  unsupportedStatus: 400,
  unknownOperation: 'UnknownOperationException',
  tooLarge: 'RequestEntityTooLargeException',
  accessDenied: 'AccessDeniedException',
  notSigned: 'MissingAuthenticationTokenException',
  internal: 'InternalFailure',
  denials: 'json',
};

/** Protocols in which a body holds all members of an operation as one document, both ways. */
export function rpcProtocol(model: ServiceModel, documents: RpcDocuments): Protocol {
  const describe = errorDescriber(model);

  function headers(ids: RequestIds): Record<string, string> {
    return {
      'x-amzn-RequestId': ids.requestId,
      'x-amz-id-2': ids.extendedId,
      ...documents.headers,
      'Content-Type': documents.contentType,
    };
  }

  function errorBody(error: ServiceError): { name: string; code: string; body: string | Uint8Array } {
    const { shapeName, code, messageMember } = describe(error);
    const content: Record<string, string> = { __type: documents.errorNamespace + shapeName };
    // Errors for an unparsable body or an unknown target have no message.
    if (error.message !== '') {
      content[shapeName === errorCodes.serialization ? 'Message' : messageMember] = error.message;
    }
    return { name: shapeName, code, body: documents.encodeError({ ...content, ...error.fields }) };
  }

  function encodeError(error: ServiceError, request: HttpRequest, ids: RequestIds): HttpResponse {
    const { code, body } = errorBody(error);
    const out = headers(ids);
    const { awsQueryCompatible: compatible } = model.metadata;
    const isAsked = request.headers['x-amzn-query-mode'] === 'true';
    if (compatible !== undefined && (isAsked || compatible.errorHeader === 'always')) {
      out['x-amzn-query-error'] = `${code};${error.status < 500 ? 'Sender' : 'Receiver'}`;
    }
    return { status: error.status, headers: out, body };
  }

  const eventDocuments: EventDocuments = {
    contentType: documents.contentType,
    encode: (shapeName, value) => asBytes(bodyOf(value, documents.encoder(shapeName))),
    encodeError(error) {
      const { name, body } = errorBody(error);
      return { name, body: asBytes(body) };
    },
  };

  function codec(operation: OperationModel): OperationCodec {
    const { input, output } = operation;
    const decodeInput = input === undefined ? () => ({}) : documents.decoder(input.shape);
    const encodeOutput = output === undefined ? () => '' : documents.encoder(output.shape);
    const events = eventStreamOf(model, operation);
    const fastPath = documents.fastParsers?.[operation.name];
    const offload = documents.offloadedParsers?.[operation.name];
    return {
      ...(fastPath !== undefined && { fastPath }),
      ...(offload !== undefined && { offload }),
      viewsBody: documents.viewsBody === true,
      decode: (_request, body) => decodeInput(documents.parse(body)) as object,
      encode(given, _request, ids, fault) {
        if (events !== undefined) {
          return eventStreamResponse(events, given as object, headers(ids), eventDocuments, fault);
        }
        const disposable = given instanceof EncodedOutput;
        const answer = (body: Encoded) => ({ status: 200, headers: headers(ids), body, disposable });
        const offloaded = disposable && documents.encoded !== undefined ? given.offloadJson?.() : undefined;
        return offloaded === undefined ? answer(bodyOf(given, encodeOutput)) : offloaded.then(answer);
      },
    };
  }

  function bodyOf(given: unknown, encode: (value: unknown) => Encoded): Encoded {
    if (!(given instanceof EncodedOutput)) return encode(given ?? {});
    return documents.encoded === undefined ? encode(given.value()) : documents.encoded(given);
  }

  return { model, codec, encodeError, errorCodes, rpc: true };
}

function asBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
