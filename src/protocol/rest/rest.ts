import type { HttpResponse } from '../../http/message.ts';
import type { Decoder } from '../decode-values.ts';
import type { OperationModel, ServiceModel, Shape, ShapeReference } from '../model.ts';
import type { OperationCodec } from '../protocol.ts';
import type { RequestIds } from '../request-ids.ts';
import { type BadParameter, requestBindings, responseBindings } from './rest-bindings.ts';
import { uploadOf } from './aws-chunked.ts';
import { EncodedOutput } from '../service.ts';
import { membersOf, shapeOf } from '../shapes.ts';

/** The differences between REST-JSON and REST-XML: the documents in bodies. */
export interface Documents {
  readonly contentType: string;
  parse(body: Buffer): unknown;
  decoder(shapeName: string, reference: ShapeReference): Decoder;
  /** Encodes the members of `shape` that are not bound elsewhere. */
  encodeBody(operation: OperationModel, shape: Shape): (output: object) => string;
  /** Encodes the value of one member as the whole body. */
  encodePayload(name: string, reference: ShapeReference): (value: unknown) => string;
  /** The error for an invalid parameter, where it differs from that for a body. */
  readonly badParameter?: BadParameter;
  idHeaders(ids: RequestIds): Record<string, string>;
}

/** Compiles an operation whose input or output is spread over path, query, headers and body. */
export function restCodec(
  model: ServiceModel,
  operation: OperationModel,
  documents: Documents,
): OperationCodec {
  return {
    decode: operation.input === undefined ? () => ({}) : inputDecoder(model, operation.input, documents),
    encode: outputEncoder(model, operation, documents),
  };
}

function inputDecoder(
  model: ServiceModel,
  input: ShapeReference,
  documents: Documents,
): OperationCodec['decode'] {
  const shape = shapeOf(model, input.shape);
  const bind = requestBindings(model, shape, documents.badParameter);
  const payload = payloadMember(shape);
  const hasBody = membersOf(shape).some(([, { location }]) => location === undefined);
  const streaming = payload !== undefined && isStreaming(model, payload[1]);
  const decodePayload = payload && payloadDecoder(model, payload[1], documents);
  const decodeBody = payload === undefined && hasBody ? documents.decoder(input.shape, input) : undefined;
  return (request, body, parameters) => {
    const values: Record<string, unknown> = {};
    if (decodeBody !== undefined && body.length > 0) {
      Object.assign(values, decodeBody(documents.parse(body)));
    }
    let { headers } = request;
    if (payload !== undefined && streaming) {
      const upload = uploadOf(request);
      values[payload[0]] = upload.body;
      headers = upload.headers;
    } else if (payload !== undefined && decodePayload !== undefined && body.length > 0) {
      values[payload[0]] = decodePayload(body);
    }
    bind(headers, new URLSearchParams(request.query), parameters, values);
    return values;
  };
}

function payloadMember(shape: Shape): readonly [string, ShapeReference] | undefined {
  const name = shape.payload;
  const reference = name === undefined ? undefined : shape.members?.[name];
  return name === undefined || reference === undefined ? undefined : [name, reference];
}

/** Whether the operation receives its body as a stream. */
export function hasStreamingInput(model: ServiceModel, operation: OperationModel): boolean {
  if (operation.input === undefined) return false;
  const payload = payloadMember(shapeOf(model, operation.input.shape));
  return payload !== undefined && isStreaming(model, payload[1]);
}

function isStreaming(model: ServiceModel, reference: ShapeReference): boolean {
  return reference.streaming === true || shapeOf(model, reference.shape).streaming === true;
}

function payloadDecoder(
  model: ServiceModel,
  reference: ShapeReference,
  documents: Documents,
): (body: Buffer) => unknown {
  const shape = shapeOf(model, reference.shape);
  if (shape.type === 'blob') return (body) => body;
  if (shape.type === 'string') return (body) => body.toString();
  const decode = documents.decoder(reference.shape, reference);
  return (body) => decode(documents.parse(body));
}

function outputEncoder(
  model: ServiceModel,
  operation: OperationModel,
  documents: Documents,
): OperationCodec['encode'] {
  const success = operation.http.responseCode ?? 200;
  const { output } = operation;
  if (output === undefined) {
    return (_output, _request, ids) => ({ status: success, headers: documents.idHeaders(ids) });
  }
  const shape = shapeOf(model, output.shape);
  const bind = responseBindings(model, shape);
  const body = bodyEncoder(model, operation, shape, documents);
  return (given, _request, ids) => {
    const values = (given instanceof EncodedOutput ? given.value() : (given ?? {})) as Record<
      string,
      unknown
    >;
    const headers = documents.idHeaders(ids);
    const encoded = body(values);
    if (encoded.contentType !== undefined) headers['Content-Type'] = encoded.contentType;
    // A response with Content-Range is partial; no model names a status for that.
    const named = bind(values, headers);
    const status = named ?? (headers['Content-Range'] === undefined ? success : 206);
    if (encoded.body === undefined) return { status, headers };
    return { status, headers, body: encoded.body, disposable: encoded.disposable === true };
  };
}

interface EncodedBody {
  readonly body?: NonNullable<HttpResponse['body']>;
  readonly contentType?: string;
  /** As in HttpResponse. */
  readonly disposable?: boolean;
}

function bodyEncoder(
  model: ServiceModel,
  operation: OperationModel,
  shape: Shape,
  documents: Documents,
): (values: Record<string, unknown>) => EncodedBody {
  const payload = payloadMember(shape);
  const { contentType } = documents;
  if (payload === undefined) {
    if (!membersOf(shape).some(([, { location }]) => location === undefined)) return () => ({});
    const encode = documents.encodeBody(operation, shape);
    return (values) => ({ body: encode(values), contentType });
  }
  const [name, reference] = payload;
  const payloadShape = shapeOf(model, reference.shape);
  if (payloadShape.type === 'blob' || payloadShape.type === 'string') {
    return (values) => {
      // The handler's type for a blob or a stream: bytes, text or what yields bytes.
      const body = values[name] as NonNullable<HttpResponse['body']> | undefined;
      if (body === undefined) return {};
      // A handler makes the chunks of a stream for this response alone.
      return { body, disposable: typeof body !== 'string' && !(body instanceof Uint8Array) };
    };
  }
  const encode = documents.encodePayload(name, reference);
  return (values) => (values[name] === undefined ? {} : { body: encode(values[name]), contentType });
}
