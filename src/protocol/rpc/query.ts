import type { ServiceError } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { errorDescriber } from '../error-shapes.ts';
import { formDecoder, formParameters, parseForm } from '../documents/form.ts';
import type { OperationModel, ServiceModel, Shape, ShapeReference } from '../model.ts';
import type { ErrorCodes, OperationCodec, Protocol } from '../protocol.ts';
import type { RequestIds } from '../request-ids.ts';
import { EncodedOutput } from '../service.ts';
import { shapeOf } from '../shapes.ts';
import { escapeXml, wrap, xmlEncoder, xmlMembers } from '../documents/xml-values.ts';

const errorCodes: ErrorCodes = {
  validation: 'ValidationError',
  serialization: 'MalformedInput',
  malformedMessage: 'The request could not be parsed.',
  unsupported: 'UnsupportedOperation',
  unsupportedStatus: 400,
  unknownOperation: 'InvalidAction',
  tooLarge: 'RequestEntityTooLarge',
  accessDenied: 'AccessDenied',
  notSigned: 'MissingAuthenticationToken',
  internal: 'InternalFailure',
  denials: 'query',
};

/** AWS query: requests are forms with Action and Version, responses are XML. */
export function queryProtocol(given: ServiceModel): Protocol {
  const model = withQueryNames(given);
  const namespace = model.metadata.xmlNamespace ?? '';
  const decoder = formDecoder(model);
  const encoder = xmlEncoder(model);
  const describe = errorDescriber(model);

  function codec(operation: OperationModel): OperationCodec {
    const decodeInput = operation.input === undefined ? () => ({}) : decoder(operation.input.shape);
    const content =
      operation.output === undefined ? () => '' : xmlMembers(shapeOf(model, operation.output.shape), encoder);
    const wrapper = operation.output?.resultWrapper;
    return {
      viewsBody: false,
      decode: (_request, body) => decodeInput(parseForm(formParameters(body.toString()))) as object,
      encode(output, _request, ids) {
        const result = content(output instanceof EncodedOutput ? output.value() : (output ?? {}));
        const metadata = wrap('ResponseMetadata', wrap('RequestId', ids.requestId));
        const inner = wrapper === undefined ? result : wrap(wrapper, result);
        const root = `${operation.name}Response`;
        const body = `<${root} xmlns="${namespace}">${inner}${metadata}</${root}>\n`;
        return { status: 200, headers: headers(ids), body };
      },
    };
  }

  function encodeError(error: ServiceError, _request: HttpRequest, ids: RequestIds): HttpResponse {
    const { code, shape } = describe(error);
    const message = shape?.error?.queryMessage ?? error.message;
    const inner =
      wrap('Type', error.status < 500 ? 'Sender' : 'Receiver') +
      wrap('Code', escapeXml(code)) +
      wrap('Message', escapeXml(message)) +
      Object.entries(error.fields)
        .map(([name, value]) => wrap(name, escapeXml(value)))
        .join('');
    const body = `<ErrorResponse xmlns="${namespace}">${wrap('Error', inner)}${wrap('RequestId', ids.requestId)}</ErrorResponse>\n`;
    return { status: error.status, headers: headers(ids), body };
  }

  return { model, codec, encodeError, errorCodes, rpc: true };
}

function headers(ids: RequestIds): Record<string, string> {
  return { 'x-amzn-RequestId': ids.requestId, 'Content-Type': 'text/xml' };
}

/** The model with the names of the query protocol, for services whose names in JSON are others. */
function withQueryNames(model: ServiceModel): ServiceModel {
  const shapes = Object.entries(model.shapes).map(([name, shape]): [string, Shape] => {
    const { members, key, value } = shape;
    const isRenamed = [...Object.values(members ?? {}), key, value].some(
      (one) => one?.queryName !== undefined,
    );
    if (!isRenamed) return [name, shape];
    return [
      name,
      {
        ...shape,
        ...(members !== undefined && {
          members: Object.fromEntries(
            Object.entries(members).map(([member, reference]) => [member, renamed(reference)]),
          ),
        }),
        ...(key !== undefined && { key: renamed(key) }),
        ...(value !== undefined && { value: renamed(value) }),
      },
    ];
  });
  return { ...model, shapes: Object.fromEntries(shapes) };
}

function renamed(reference: ShapeReference): ShapeReference {
  return reference.queryName === undefined ? reference : { ...reference, locationName: reference.queryName };
}
