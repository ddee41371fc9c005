import type { HttpRequest } from '../../http/message.ts';
import { textDecoder } from '../documents/form.ts';
import { encodeBase64 } from '../documents/json-values.ts';
import type { ServiceModel, Shape, ShapeReference } from '../model.ts';
import type { PathParameters } from '../protocol.ts';
import { SerializationError } from '../serialization-error.ts';
import { membersOf, referenceOf, shapeOf } from '../shapes.ts';
import { formatTimestamp } from '../timestamps.ts';

type Binding = (
  headers: HttpRequest['headers'],
  query: URLSearchParams,
  parameters: PathParameters,
  into: Values,
) => void;
type Values = Record<string, unknown>;

/** The error for a header or query parameter whose text has the wrong type. */
export type BadParameter = (name: string, text: string, type: string, error: unknown) => unknown;

/** Decodes the members in the path, the query and the headers of a request. */
export function requestBindings(model: ServiceModel, shape: Shape, bad: BadParameter = asItIs): Binding {
  const bindings: Binding[] = [];
  for (const [name, reference] of membersOf(shape)) {
    const binding = requestBinding(model, name, reference, bad);
    if (binding !== undefined) bindings.push(binding);
  }
  return (headers, query, parameters, into) => {
    for (const bind of bindings) bind(headers, query, parameters, into);
  };
}

function requestBinding(
  model: ServiceModel,
  name: string,
  reference: ShapeReference,
  bad: BadParameter,
): Binding | undefined {
  const wire = reference.locationName ?? name;
  const shape = shapeOf(model, reference.shape);
  switch (reference.location) {
    case undefined:
    case 'statusCode':
      return undefined;
    case 'uri': {
      const decode = textDecoder(shape);
      return (_headers, _query, parameters, into) => {
        const text = parameters[wire];
        if (text !== undefined) into[name] = decode(decodeLabel(text));
      };
    }
    case 'querystring':
      return queryBinding(model, name, wire, shape, bad);
    case 'header': {
      const header = wire.toLowerCase();
      const decode = /^If-.*-Since$/.test(wire)
        ? dateDecoder(shape)
        : saying(bad, wire, shape, headerDecoder(model, shape));
      return (headers, _query, _parameters, into) => {
        const text = headers[header];
        if (text !== undefined) into[name] = decode(Array.isArray(text) ? text.join(', ') : text);
      };
    }
    case 'headers': {
      const prefix = wire.toLowerCase();
      return (headers, _query, _parameters, into) => {
        const found = Object.entries(headers)
          .filter(([header]) => header.startsWith(prefix))
          .map(([header, text]) => [header.slice(prefix.length), String(text)]);
        if (found.length > 0) into[name] = Object.fromEntries(found);
      };
    }
    default:
      throw new Error(`a model with the location ${reference.location}`);
  }
}

function queryBinding(
  model: ServiceModel,
  name: string,
  wire: string,
  shape: Shape,
  bad: BadParameter,
): Binding {
  if (shape.type === 'list') {
    const decode = textDecoder(shapeOf(model, referenceOf(shape, 'member').shape));
    return (_headers, query, _parameters, into) => {
      if (query.has(wire)) into[name] = query.getAll(wire).map((text) => decode(text));
    };
  }
  const decode = saying(bad, wire, shape, textDecoder(shape));
  return (_headers, query, _parameters, into) => {
    const text = query.get(wire);
    if (text !== null) into[name] = decode(text);
  };
}

function headerDecoder(model: ServiceModel, shape: Shape): (text: string) => unknown {
  if (shape.enum !== undefined && shape.anyCase === true) return enumDecoder(shape.enum);
  if (shape.type !== 'list') return textDecoder(shape, 'rfc822');
  const decode = textDecoder(shapeOf(model, referenceOf(shape, 'member').shape), 'rfc822');
  return (text) => text.split(',').map((part) => decode(part.trim()));
}

/** Maps a value in any case to the model's; unknown values are left to validation, which names them. */
function enumDecoder(values: readonly string[]): (text: string) => unknown {
  const known = new Map(values.map((value) => [value.toLowerCase(), value]));
  return (text) => known.get(text.toLowerCase()) ?? text;
}

/** A condition with an invalid date is ignored (RFC 9110, 13.1.3). */
function dateDecoder(shape: Shape): (text: string) => unknown {
  const decode = textDecoder(shape, 'rfc822');
  return (text) => {
    try {
      return decode(text);
    } catch {
      return undefined;
    }
  };
}

function asItIs(_name: string, _text: string, _type: string, error: unknown): unknown {
  return error;
}

/** A decoder whose errors name the header or query parameter. */
function saying(
  bad: BadParameter,
  name: string,
  { type }: Shape,
  decode: (text: string) => unknown,
): (text: string) => unknown {
  return (text) => {
    try {
      return decode(text);
    } catch (error) {
      throw bad(name, text, type, error);
    }
  };
}

export function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SerializationError("Couldn't parse the specified URI.");
  }
}

/** Encodes the members in headers; returns the status if a member specifies it. */
export function responseBindings(
  model: ServiceModel,
  shape: Shape,
): (output: Values, headers: Record<string, string>) => number | undefined {
  const members = membersOf(shape).filter(([, { location }]) => location !== undefined);
  return (output, headers) => {
    let status: number | undefined;
    for (const [name, reference] of members) {
      const value = output[name];
      if (value === undefined || value === null) continue;
      const wire = reference.locationName ?? name;
      if (reference.location === 'statusCode') status = Number(value);
      else if (reference.location === 'header') {
        headers[wire] = headerText(shapeOf(model, reference.shape), value);
      } else if (reference.location === 'headers') {
        for (const [key, text] of Object.entries(value)) headers[wire + key] = String(text);
      }
    }
    return status;
  };
}

function headerText(shape: Shape, value: unknown): string {
  if (value instanceof Date) return formatTimestamp(value, shape.timestampFormat ?? 'rfc822');
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.join(', ');
  return String(value);
}
