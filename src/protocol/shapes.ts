import type { ServiceModel, Shape, ShapeReference } from './model.ts';

/** Members that belong in the body: those not bound to the path, the query, the headers or the status. */
export type Members = readonly (readonly [name: string, reference: ShapeReference])[];

export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the model of ${model.metadata.serviceId} has no shape ${name}`);
  return shape;
}

export function membersOf(shape: Shape): Members {
  return Object.entries(shape.members ?? {});
}

export function bodyMembers(shape: Shape): Members {
  return membersOf(shape).filter(([, reference]) => reference.location === undefined);
}

/** The reference of a list's element or a map's key or value, which a well-formed model always has. */
export function referenceOf(shape: Shape, part: 'member' | 'key' | 'value'): ShapeReference {
  const reference = shape[part];
  if (reference === undefined) throw new Error(`a ${shape.type} without a ${part} in a model`);
  return reference;
}

/** How many characters of a list or map a message shows; each element takes at least two. */
const SHOWN_ELEMENTS_MAX = 2048;

/**
 * Returns how many elements of a list or map are decoded: enough to see that it exceeds its bound and to show it in
 * the message. The rest is not decoded.
 */
export function decodedElementsMax({ max }: Shape): number {
  return max === undefined ? Infinity : Math.max(max, SHOWN_ELEMENTS_MAX) + 1;
}

/**
 * Caches what was compiled for a shape, and lets a recursive shape refer to its own result before it is complete.
 */
export function memoized<Args extends readonly unknown[], Result>(
  compile: (shapeName: string) => (...args: Args) => Result,
): (shapeName: string) => (...args: Args) => Result {
  const compiled = new Map<string, (...args: Args) => Result>();
  const underWay = new Set<string>();
  return (shapeName) => {
    const known = compiled.get(shapeName);
    if (known !== undefined) return known;
    if (underWay.has(shapeName)) {
      return (...args) => {
        const later = compiled.get(shapeName);
        if (later === undefined) throw new Error(`${shapeName} was used before it was compiled`);
        return later(...args);
      };
    }
    underWay.add(shapeName);
    const result = compile(shapeName);
    underWay.delete(shapeName);
    compiled.set(shapeName, result);
    return result;
  };
}
