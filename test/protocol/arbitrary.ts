import * as fc from 'fast-check';
import type { ServiceModel, Shape, ShapeReference } from '../../src/protocol/model.ts';
import { membersOf, referenceOf, shapeOf } from '../../src/protocol/shapes.ts';

/** Deeper structures are left out, as are optional members there. */
const DEPTH_MAX = 4;

export interface ArbitraryOptions {
  /** Members that are left out, by name. */
  readonly without?: ReadonlySet<string>;
  /** Values for shapes that the model's bounds do not describe well enough. */
  readonly shapes?: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** Least length of lists; those of XML are nothing at all when they are empty. */
  readonly listsFrom?: number;
  /** What a text without a pattern may hold. */
  readonly text?: fc.Arbitrary<string>;
}

/** Values of a shape within its bounds. */
export function arbitraryOf(
  model: ServiceModel,
  shapeName: string,
  options: ArbitraryOptions = {},
  depth = 0,
): fc.Arbitrary<unknown> {
  const given = options.shapes?.[shapeName];
  if (given !== undefined) return given;
  const shape = shapeOf(model, shapeName);
  switch (shape.type) {
    case 'structure':
      return arbitraryStructure(model, shape, options, depth);
    case 'list': {
      const minLength = shape.min ?? options.listsFrom ?? 0;
      const element = arbitraryOf(model, referenceOf(shape, 'member').shape, options, depth + 1);
      return fc.array(element, { minLength, maxLength: Math.min(shape.max ?? 4, minLength + 3) });
    }
    case 'map': {
      const key = arbitraryOf(model, referenceOf(shape, 'key').shape, options) as fc.Arbitrary<string>;
      const value = arbitraryOf(model, referenceOf(shape, 'value').shape, options, depth + 1);
      const minKeys = shape.min ?? 0;
      return fc.dictionary(key, value, { minKeys, maxKeys: Math.min(shape.max ?? 3, minKeys + 3) });
    }
    default:
      return arbitraryScalar(shape, options);
  }
}

function arbitraryStructure(
  model: ServiceModel,
  shape: Shape,
  options: ArbitraryOptions,
  depth: number,
): fc.Arbitrary<unknown> {
  const required = new Set(shape.required);
  // S3 answers some calls with an element that is never left out.
  if (shape.payload !== undefined) required.add(shape.payload);
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, reference] of membersOf(shape)) {
    if (options.without?.has(name) === true) continue;
    if (depth >= DEPTH_MAX && !required.has(name)) continue;
    record[name] = memberArbitrary(model, reference, options, depth);
  }
  const requiredKeys = Object.keys(record).filter((name) => required.has(name));
  if (shape.union === true) {
    return fc.oneof(
      ...Object.entries(record).map(([name, value]) => value.map((inner) => ({ [name]: inner }))),
    );
  }
  return fc.record(record, { requiredKeys });
}

const headerText = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);

/** What travels in a header, the path or the query is printable ASCII without spaces at its ends. */
function memberArbitrary(
  model: ServiceModel,
  reference: ShapeReference,
  options: ArbitraryOptions,
  depth: number,
): fc.Arbitrary<unknown> {
  if (reference.location === 'statusCode') return fc.constantFrom(200, 202);
  if (reference.location === undefined) return arbitraryOf(model, reference.shape, options, depth + 1);
  return arbitraryOf(model, reference.shape, { ...options, text: headerText }, depth + 1);
}

function arbitraryScalar(shape: Shape, options: ArbitraryOptions): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: shape.min ?? -(2 ** 31), max: shape.max ?? 2 ** 31 - 1 });
    case 'long':
      return fc.maxSafeInteger().filter((n) => n >= (shape.min ?? -Infinity) && n <= (shape.max ?? Infinity));
    case 'float':
    case 'double':
      return fc
        .double({ noNaN: true, noDefaultInfinity: true, min: shape.min ?? -1e9, max: shape.max ?? 1e9 })
        .map((n) => n + 0);
    case 'timestamp':
      return fc.integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000));
    case 'blob':
      return fc.uint8Array({ minLength: shape.min ?? 0, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    default:
      return arbitraryText(shape, options);
  }
}

function arbitraryText(shape: Shape, options: ArbitraryOptions): fc.Arbitrary<string> {
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const min = shape.min ?? 0;
  const max = Math.min(shape.max ?? min + 20, min + 40);
  const fits = (text: string): boolean => text.length >= min && text.length <= (shape.max ?? Infinity);
  if (shape.pattern !== undefined) {
    return matching(shape.pattern).filter((text) => fits(text) && /^\S+$/.test(text));
  }
  if (options.text !== undefined) return options.text.filter(fits);
  return fc.string({ unit: 'binary', minLength: min, maxLength: max }).filter(fits);
}

/** What was made of a pattern: making it takes much longer than using it. */
const made = new Map<string, fc.Arbitrary<string>>();

/** fast-check does not read all that the u flag allows, nor alternatives that are empty. */
function matching(pattern: string): fc.Arbitrary<string> {
  const known = made.get(pattern);
  if (known !== undefined) return known;
  let arbitrary: fc.Arbitrary<string>;
  try {
    arbitrary = fc.stringMatching(new RegExp(`^(?:${pattern})$`, 'u'), { size: 'small' });
  } catch {
    const readable = pattern.replaceAll('(|', '(').replaceAll('|()', '');
    arbitrary = fc.stringMatching(new RegExp(`^(?:${readable})$`), { size: 'small' });
  }
  made.set(pattern, arbitrary);
  return arbitrary;
}

/** Patterns that fast-check cannot read, or would try for ever to make long enough. */
export const lambdaShapes = {
  Alias: fc.stringMatching(/^[a-z]{1,20}$/),
  CollectionName: fc.stringMatching(/^[a-z]{1,20}$/),
  S3Bucket: fc.stringMatching(/^[a-z]{3,20}$/),
  EventSourceMappingArn: fc.constant(
    'arn:aws:lambda:us-east-1:000000000000:event-source-mapping:00000000-0000-4000-8000-000000000000',
  ),
  RuntimeVersionArn: fc.constant('arn:aws:lambda:us-east-1::runtime:abc'),
  FilterCriteriaErrorCode: fc.constant('AccessDeniedException'),
  FilterCriteriaErrorMessage: fc.constant('not allowed to'),
  TagsErrorCode: fc.constant('AccessDeniedException'),
  TagsErrorMessage: fc.constant('not allowed to '.repeat(10)),
};
