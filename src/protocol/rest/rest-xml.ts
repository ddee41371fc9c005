import { ServiceError } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { errorDescriber } from '../error-shapes.ts';
import type { ServiceModel, Shape } from '../model.ts';
import type { ErrorCodes, Protocol } from '../protocol.ts';
import type { RequestIds } from '../request-ids.ts';
import { decodeLabel } from './rest-bindings.ts';
import { restCodec, type Documents } from './rest.ts';
import { parseXmlBody, xmlDecoder } from '../documents/xml-document.ts';
import { escapeXml, wrap, xmlEncoder, xmlMembers } from '../documents/xml-values.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const errorCodes: ErrorCodes = {
  validation: 'InvalidArgument',
  serialization: 'MalformedXML',
  malformedMessage:
    'The XML you provided was not well-formed or did not validate against our published schema',
  unsupported: 'NotImplemented',
  unsupportedStatus: 501,
  unknownOperation: 'MethodNotAllowed',
  tooLarge: 'EntityTooLarge',
  accessDenied: 'AccessDenied',
  notSigned: 'AccessDenied',
  internal: 'InternalError',
  denials: 's3',
};

function badParameter(name: string, text: string, type: string): ServiceError {
  const message =
    type === 'integer' || type === 'long'
      ? `Provided ${name} not an integer or within integer range`
      : `The value of ${name} is not valid`;
  return new ServiceError('InvalidArgument', message, 400, {
    ArgumentName: name,
    ArgumentValue: text.slice(0, ARGUMENT_CHARACTERS_MAX),
  });
}

/** Maximum length of a value shown in an error. */
const ARGUMENT_CHARACTERS_MAX = 1024;

/** REST-XML, the protocol of S3. */
export function restXmlProtocol(model: ServiceModel): Protocol {
  const decoder = xmlDecoder(model);
  const encoder = xmlEncoder(model);
  const describe = errorDescriber(model);
  const namespace = model.metadata.xmlNamespace;
  const root = (element: string, content: string): string =>
    `${DECLARATION}<${element}${namespace === undefined ? '' : ` xmlns="${namespace}"`}>${content}</${element}>`;
  const documents: Documents = {
    contentType: 'application/xml',
    parse: parseXmlBody,
    decoder: (shapeName) => decoder(shapeName),
    encodeBody: (operation, shape) => {
      const content = xmlMembers(shape, encoder);
      const element = shape.locationName ?? operation.output?.shape ?? operation.name;
      if (shape.unwrapped === true) return unwrapped(shape, root);
      return (output) => root(element, content(output));
    },
    encodePayload: (name, reference) => {
      const shape = model.shapes[reference.shape];
      const element = reference.locationName ?? name;
      if (shape === undefined) throw new Error(`no shape ${reference.shape}`);
      const content = xmlMembers(shape, encoder);
      return (value) => root(element, content(value));
    },
    badParameter,
    idHeaders: (ids) => ({ 'x-amz-id-2': ids.extendedId, 'x-amz-request-id': ids.requestId }),
  };

  function encodeError(error: ServiceError, request: HttpRequest, ids: RequestIds): HttpResponse {
    const { code } = describe(error);
    const headers = documents.idHeaders(ids);
    // 304 responses and responses to HEAD have no body; a content length would mislead some clients. The fields of a 304
    // are headers.
    if (error.status === 304) return { status: 304, headers: { ...headers, ...error.fields } };
    if (request.method === 'HEAD') return { status: error.status, headers };
    const fields: Record<string, string> = {
      Code: code,
      Message: error.message,
      ...error.fields,
      Resource: error.fields['Resource'] ?? resourceOf(request),
      RequestId: ids.requestId,
      HostId: ids.extendedId,
    };
    const content = Object.entries(fields).map(([name, text]) => wrap(name, escapeXml(text)));
    headers['Content-Type'] = 'application/xml';
    return { status: error.status, headers, body: `${DECLARATION}${wrap('Error', content.join(''))}` };
  }

  return {
    model,
    codec: (operation) => restCodec(model, operation, documents),
    encodeError,
    errorCodes,
    rpc: false,
  };
}

/** GetBucketLocation's body is its one member itself, without an element around it. */
function unwrapped(
  shape: Shape,
  root: (element: string, content: string) => string,
): (output: object) => string {
  const name = Object.keys(shape.members ?? {})[0] ?? '';
  return (output) => root(name, escapeXml((output as Record<string, string | undefined>)[name] ?? ''));
}

function resourceOf(request: HttpRequest): string {
  try {
    return decodeLabel(request.path);
  } catch {
    return request.path;
  }
}
