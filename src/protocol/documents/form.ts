import { protocolLimits } from '../limits.ts';
import type { Decoder } from '../decode-values.ts';
import { decodeBase64 } from './json-values.ts';
import type { ServiceModel, Shape } from '../model.ts';
import { SerializationError } from '../serialization-error.ts';
import { decodedElementsMax, memoized, membersOf, referenceOf, shapeOf } from '../shapes.ts';
import { parseTimestamp } from '../timestamps.ts';

/** A form's parameters as a tree: `Tags.member.1.Key=a` is under Tags, member, 1, Key. */
export class FormNode {
  text: string | undefined;
  #children: Map<string, FormNode> | undefined;

  get children(): ReadonlyMap<string, FormNode> {
    return this.#children ?? NO_CHILDREN;
  }

  add(name: string): FormNode {
    const node = new FormNode();
    this.#children ??= new Map();
    this.#children.set(name, node);
    return node;
  }
}

const NO_CHILDREN: ReadonlyMap<string, FormNode> = new Map();

/** The maximum depth of a parameter name; no operation needs half of it. */
const DEPTH_MAX = 32;

/** The parameters of a form or query string. Throws SerializationError when there are too many. */
export function formParameters(text: string): URLSearchParams {
  let count = 1;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) count++;
  if (count > protocolLimits.formParametersMax) {
    throw new SerializationError(`the request has more than ${protocolLimits.formParametersMax} parameters`);
  }
  return new URLSearchParams(text);
}

export function parseForm(parameters: URLSearchParams): FormNode {
  const root = new FormNode();
  let nodesLeft: number = protocolLimits.requestNodesMax;
  for (const [name, text] of parameters) {
    const parts = name.split('.', DEPTH_MAX + 1);
    if (parts.length > DEPTH_MAX)
      throw new SerializationError(`the parameter ${name.slice(0, 100)} is nested too deeply`);
    let node = root;
    for (const part of parts) {
      const child = node.children.get(part);
      if (child === undefined && --nodesLeft < 0) {
        throw new SerializationError('the names of the parameters have too many parts');
      }
      node = child ?? node.add(part);
    }
    node.text = text;
  }
  return root;
}

/** Decodes a form's tree to a handler's input. */
export function formDecoder(model: ServiceModel): (shapeName: string) => Decoder {
  const compile: (name: string) => Decoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure':
        return structureDecoder(shape, compile);
      case 'list':
        return listDecoder(shape, compile);
      case 'map':
        return mapDecoder(shape, compile);
      default: {
        const decode = textDecoder(shape);
        return (raw) => {
          const text = (raw as FormNode).text;
          if (text === undefined) throw new SerializationError('Unexpected list element termination');
          return decode(text);
        };
      }
    }
  });
  return compile;
}

function structureDecoder(shape: Shape, compile: (name: string) => Decoder): Decoder {
  const members = membersOf(shape).map(([name, reference]) => ({
    name,
    wire: reference.locationName ?? name,
    decode: compile(reference.shape),
  }));
  return (raw) => {
    const node = raw as FormNode;
    const out: Record<string, unknown> = {};
    for (const { name, wire, decode } of members) {
      const inner = node.children.get(wire);
      if (inner !== undefined) out[name] = decode(inner);
    }
    return out;
  };
}

function listDecoder(shape: Shape, compile: (name: string) => Decoder): Decoder {
  const reference = referenceOf(shape, 'member');
  const decode = compile(reference.shape);
  const elementsMax = decodedElementsMax(shape);
  const wrapper = shape.flattened === true ? undefined : (reference.locationName ?? 'member');
  return (raw) => {
    const node = raw as FormNode;
    // `Names=` is an empty list.
    const holder = wrapper === undefined ? node : node.children.get(wrapper);
    return holder === undefined
      ? []
      : numbered(holder)
          .slice(0, elementsMax)
          .map((item) => decode(item));
  };
}

function mapDecoder(shape: Shape, compile: (name: string) => Decoder): Decoder {
  const keyName = referenceOf(shape, 'key').locationName ?? 'key';
  const valueReference = referenceOf(shape, 'value');
  const entriesMax = decodedElementsMax(shape);
  const valueName = valueReference.locationName ?? 'value';
  const decode = compile(valueReference.shape);
  return (raw) => {
    const node = raw as FormNode;
    const holder = shape.flattened === true ? node : node.children.get('entry');
    if (holder === undefined) return {};
    return Object.fromEntries(
      numbered(holder)
        .slice(0, entriesMax)
        .flatMap((entry) => {
          const key = entry.children.get(keyName)?.text;
          const value = entry.children.get(valueName);
          return key === undefined || value === undefined ? [] : [[key, decode(value)]];
        }),
    );
  };
}

/** A list's elements in the order of their numbers, which may have gaps. */
function numbered(node: FormNode): FormNode[] {
  return [...node.children]
    .map(([name, child]) => ({ index: Number(name), child }))
    .filter(({ index }) => Number.isInteger(index))
    .sort((a, b) => a.index - b.index)
    .map(({ child }) => child);
}

/** Decodes values that are sent as text: in forms, query strings, headers, path labels, XML. */
export function textDecoder(shape: Shape, timestampFormat = 'iso8601'): (text: string) => unknown {
  switch (shape.type) {
    case 'string':
    case 'character':
      return (text) => text;
    case 'boolean':
      return (text) => {
        const lower = text.toLowerCase();
        if (lower === 'true') return true;
        if (lower === 'false') return false;
        throw new SerializationError(`'${text.slice(0, 100)}' can not be converted to a Boolean`);
      };
    case 'integer':
    case 'long':
      return (text) => {
        const number = Number(text);
        const bound = shape.type === 'integer' ? 2 ** 31 : 2 ** 63;
        if (!/^[+-]?\d+$/.test(text) || number >= bound || number < -bound) {
          const wanted = shape.type === 'integer' ? 'an Integer' : 'a Long';
          throw new SerializationError(`'${text.slice(0, 100)}' can not be converted to ${wanted}`);
        }
        return number;
      };
    case 'float':
    case 'double':
      return (text) => {
        const number = Number(text);
        if (text.trim() === '' || (Number.isNaN(number) && text !== 'NaN')) {
          throw new SerializationError(`'${text.slice(0, 100)}' can not be converted to a Double`);
        }
        return number;
      };
    case 'blob':
      return decodeBase64;
    case 'timestamp':
      return (text) => parseTimestamp(text, shape.timestampFormat ?? timestampFormat);
    default:
      throw new Error(`a ${shape.type} does not travel as text`);
  }
}
