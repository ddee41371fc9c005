import { javaNumber } from '../support/java-number.ts';
import { createHash, type Hash } from 'node:crypto';
import type { ServiceModel, Shape, ShapeReference } from './model.ts';
import { memoized, membersOf, referenceOf, shapeOf } from './shapes.ts';

/** AWS lists at most ten violations of a request. */
const VIOLATIONS_MAX = 10;

/** The maximum length of a value in a message. */
export const RENDERED_CHARACTERS_MAX = 4096;

/** Some of AWS's patterns take quadratic time. */
const PATTERN_CHARACTERS_MAX = 8192;

type Check = (value: unknown, found: Violations) => void;

/** The violations found so far, in AWS's wording, and the current position in the input. */
class Violations {
  readonly path: (string | number)[] = [];
  readonly messages: string[] = [];

  add(rendered: string, constraint: string): void {
    const text =
      rendered.length > RENDERED_CHARACTERS_MAX
        ? `${rendered.slice(0, RENDERED_CHARACTERS_MAX)}...`
        : rendered;
    this.#add(rendered === 'null' ? ' null' : ` '${text}'`, constraint);
  }

  /** Does not show the value, as AWS (Cognito: `Value at 'password' failed to satisfy constraint`). */
  addSecret(constraint: string): void {
    this.#add('', constraint);
  }

  #add(value: string, constraint: string): void {
    if (this.messages.length >= VIOLATIONS_MAX) return;
    this.messages.push(
      `Value${value} at '${this.path.join('.')}' failed to satisfy constraint: ${constraint}`,
    );
  }
}

/**
 * Compiles the checks of an input's bounds, which AWS makes before it looks anything up. The function returns
 * undefined for a valid input, otherwise one message that lists all violations.
 */
export function compileValidator(
  model: ServiceModel,
  shapeName: string,
): (input: object) => string | undefined {
  const compile: (name: string) => Check = memoized((name: string) => compileShape(model, name, compile));
  const check = compile(shapeName);
  return (input) => {
    const found = new Violations();
    check(input, found);
    const count = found.messages.length;
    if (count === 0) return undefined;
    return `${count} validation error${count === 1 ? '' : 's'} detected: ${found.messages.join('; ')}`;
  };
}

function compileShape(model: ServiceModel, name: string, compile: (name: string) => Check): Check {
  const shape = shapeOf(model, name);
  switch (shape.type) {
    case 'structure':
      return shape.eventstream === true ? nothing : structureCheck(shape, compile);
    case 'list':
      return listCheck(model, shape, compile);
    case 'map':
      return mapCheck(model, shape, compile);
    default:
      return scalarCheck(shape);
  }
}

function nothing(): void {}

function structureCheck(shape: Shape, compile: (name: string) => Check): Check {
  const required = new Set(shape.required);
  const members = membersOf(shape).map(([name, reference]) => ({
    name,
    path: lowerFirst(name),
    required: required.has(name),
    check: reference.streaming === true ? nothing : compile(reference.shape),
  }));
  return (value, found) => {
    // The decoder made it: a structure is an object.
    const structure = value as Record<string, unknown>;
    for (const member of members) {
      const inner = structure[member.name];
      if (inner === undefined) {
        if (!member.required) continue;
        found.path.push(member.path);
        found.add('null', 'Member must not be null');
        found.path.pop();
      } else if (member.check !== nothing) {
        found.path.push(member.path);
        member.check(inner, found);
        found.path.pop();
      }
    }
  };
}

function listCheck(model: ServiceModel, shape: Shape, compile: (name: string) => Check): Check {
  const reference = referenceOf(shape, 'member');
  const element = shapeOf(model, reference.shape);
  const nested = isNested(element);
  const check = compile(reference.shape);
  const within = nested ? undefined : constraintOnElements(element);
  const render = (list: readonly unknown[]): string =>
    `[${renderUpToBound(list, (item) => renderElement(model, reference, item))}]`;
  return (value, found) => {
    const list = value as readonly unknown[];
    checkSize(shape, list.length, () => render(list), found);
    if (within !== undefined) {
      if (!list.every((item) => item !== undefined && satisfies(check, item)))
        found.add(render(list), within);
      return;
    }
    if (check === nothing) return;
    for (let i = 0; i < list.length && found.messages.length < VIOLATIONS_MAX; i++) {
      found.path.push(i + 1, 'member');
      if (list[i] === undefined) found.add('null', 'Member must not be null');
      else check(list[i], found);
      found.path.length -= 2;
    }
  };
}

function mapCheck(model: ServiceModel, shape: Shape, compile: (name: string) => Check): Check {
  const keyShape = shapeOf(model, referenceOf(shape, 'key').shape);
  const valueReference = referenceOf(shape, 'value');
  const valueShape = shapeOf(model, valueReference.shape);
  const keyCheck = compile(referenceOf(shape, 'key').shape);
  const valueCheck = compile(valueReference.shape);
  const keyConstraint = constraintOnElements(keyShape);
  const valueConstraint = isNested(valueShape) ? undefined : constraintOnElements(valueShape);
  return (value, found) => {
    const entries = Object.entries(value as Record<string, unknown>);
    const add = (constraint: string): void => {
      if (shape.sensitive === true) return found.addSecret(constraint);
      const shown = renderUpToBound(
        entries,
        ([key, item]) => `${key}=${renderElement(model, valueReference, item)}`,
      );
      found.add(`{${shown}}`, constraint);
    };
    const size = sizeConstraint(shape, entries.length);
    if (size !== undefined) add(size);
    if (keyConstraint !== undefined && !entries.every(([key]) => satisfies(keyCheck, key))) {
      add(keyConstraint.replace('Member must satisfy', 'Map keys must satisfy'));
    }
    if (valueConstraint !== undefined) {
      if (!entries.every(([, item]) => satisfies(valueCheck, item))) {
        add(valueConstraint.replace('Member must satisfy', 'Map value must satisfy'));
      }
    } else if (valueCheck !== nothing && isNested(valueShape)) {
      for (const [key, item] of entries) {
        found.path.push(key, 'member');
        valueCheck(item, found);
        found.path.length -= 2;
      }
    }
  };
}

function isNested(shape: Shape): boolean {
  return shape.type === 'structure' || shape.type === 'list' || shape.type === 'map';
}

function satisfies(check: Check, value: unknown): boolean {
  if (check === nothing) return true;
  const found = new Violations();
  check(value, found);
  return found.messages.length === 0;
}

function checkSize(shape: Shape, size: number, render: () => string, found: Violations): void {
  const constraint = sizeConstraint(shape, size);
  if (constraint !== undefined) found.add(render(), constraint);
}

/** The one that `size` violates. */
function sizeConstraint({ min, max }: Shape, size: number): string | undefined {
  if (min !== undefined && size < min) return `Member must have length greater than or equal to ${min}`;
  if (max !== undefined && size > max) return `Member must have length less than or equal to ${max}`;
  return undefined;
}

/** In AWS's order: pattern, minimum length, maximum length; or the enum alone. */
function scalarCheck(shape: Shape): Check {
  const { min, max } = shape;
  switch (shape.type) {
    case 'string': {
      if (shape.enum !== undefined) return enumCheck(shape.enum);
      const { pattern } = shape;
      if (pattern === undefined && min === undefined && max === undefined) return nothing;
      const regex = pattern === undefined ? undefined : wholePattern(pattern);
      const longest = Math.max(max ?? 0, PATTERN_CHARACTERS_MAX);
      const add = (text: string, constraint: string, found: Violations): void => {
        if (shape.sensitive === true) found.addSecret(constraint);
        else found.add(text, constraint);
      };
      return (value, found) => {
        const text = value as string;
        if (regex !== undefined && (text.length > longest || !regex.test(text))) {
          add(text, `Member must satisfy regular expression pattern: ${pattern}`, found);
        }
        const constraint = sizeConstraint(shape, text.length);
        if (constraint !== undefined) add(text, constraint, found);
      };
    }
    case 'blob':
      if (min === undefined && max === undefined) return nothing;
      return (value, found) => {
        if (value instanceof Uint8Array) checkSize(shape, value.length, () => renderBlob(value), found);
      };
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      if (min === undefined && max === undefined) return nothing;
      const shown = numberText(shape);
      return (value, found) => {
        const number = value as number;
        if (min !== undefined && number < min) {
          found.add(shown(number), `Member must have value greater than or equal to ${shown(min)}`);
        }
        if (max !== undefined && number > max) {
          found.add(shown(number), `Member must have value less than or equal to ${shown(max)}`);
        }
      };
    default:
      return nothing;
  }
}

function enumCheck(values: readonly string[]): Check {
  const known = new Set(values);
  return (value, found) => {
    if (!known.has(value as string)) {
      found.add(value as string, `Member must satisfy enum value set: [${values.join(', ')}]`);
    }
  };
}

/**
 * The constraints on a list's elements (a map's keys or values), as AWS lists them: all, not only the violated ones.
 */
function constraintOnElements(shape: Shape): string | undefined {
  const parts: string[] = [];
  if (shape.enum !== undefined) {
    parts.push(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  } else {
    const measure = shape.type === 'string' || shape.type === 'blob' ? 'length' : 'value';
    const shown = numberText(shape);
    if (shape.max !== undefined) {
      parts.push(`Member must have ${measure} less than or equal to ${shown(shape.max)}`);
    }
    if (shape.min !== undefined) {
      parts.push(`Member must have ${measure} greater than or equal to ${shown(shape.min)}`);
    }
    if (shape.pattern !== undefined) {
      parts.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
    }
  }
  parts.push('Member must not be null');
  return `Member must satisfy constraint: [${parts.join(', ')}]`;
}

/** A floating-point number has a point in AWS's messages. */
function numberText({ type }: Shape): (value: number) => string {
  return type === 'float' || type === 'double' ? javaNumber : String;
}

/**
 * Java's `matches` tests the whole value. Classes such as \p{L} need the u flag, with which other patterns are
 * invalid.
 */
function wholePattern(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return new RegExp(`^(?:${pattern})$`);
  }
}

/** Stops where the message is truncated. */
function renderUpToBound<Item>(items: readonly Item[], render: (item: Item) => string): string {
  let text = '';
  for (const [place, item] of items.entries()) {
    text += place === 0 ? render(item) : `, ${render(item)}`;
    if (text.length > RENDERED_CHARACTERS_MAX) break;
  }
  return text;
}

function renderElement(model: ServiceModel, reference: ShapeReference, value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (value instanceof Uint8Array) return renderBlob(value);
  if (typeof value === 'object') return renderObject(model, reference, value);
  if (typeof value === 'number') return numberText(shapeOf(model, reference.shape))(value);
  return `${value as string | boolean}`;
}

function renderBlob(bytes: Uint8Array): string {
  return `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`;
}

/** AWS shows Java's name and hash code of an object; ours is a hash too, so that equal values look equal. */
function renderObject(model: ServiceModel, reference: ShapeReference, value: object): string {
  const service = model.metadata.serviceId.toLowerCase().replaceAll(' ', '');
  const version = model.metadata.apiVersion.replaceAll('-', '');
  const hash = createHash('md5');
  hashValue(hash, value);
  return `com.amazonaws.${service}.v${version}.${reference.shape}@${hash.digest('hex').slice(0, 8)}`;
}

/** The beginning of a text or blob is enough to tell values apart. */
const HASHED_LENGTH_MAX = 1024;

function hashValue(hash: Hash, value: unknown): void {
  if (value instanceof Uint8Array) hash.update(value.subarray(0, HASHED_LENGTH_MAX));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value).slice(0, HASHED_LENGTH_MAX)) {
      hash.update(name);
      hashValue(hash, inner);
    }
  } else hash.update(String(value).slice(0, HASHED_LENGTH_MAX));
}

export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
