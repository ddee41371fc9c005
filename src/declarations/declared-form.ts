import type { ServiceModel } from '../protocol/model.ts';
import { membersOf, referenceOf, shapeOf } from '../protocol/shapes.ts';
import { declaredName } from './model-reader.ts';

/**
 * A value of the API in the form in which `nagare.yaml` declares it: what ModelInput reads. `own` has the forms of the
 * shapes that are declared in another way.
 */
export function declaredForm(
  model: ServiceModel,
  shapeName: string,
  value: unknown,
  own: Readonly<Record<string, (value: unknown) => unknown>> = {},
): unknown {
  if (value === undefined || value === null) return undefined;
  const write = own[shapeName];
  if (write !== undefined) return write(value);
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'list' && Array.isArray(value)) {
    const { shape: element } = referenceOf(shape, 'member');
    return value.map((each) => declaredForm(model, element, each, own));
  }
  if (typeof value !== 'object') return value;
  const members = new Map(Object.entries(value));
  if (shape.type === 'map') {
    const { shape: element } = referenceOf(shape, 'value');
    return Object.fromEntries(
      Array.from(members, ([name, each]) => [name, declaredForm(model, element, each, own)]),
    );
  }
  if (shape.type !== 'structure') return value;
  return Object.fromEntries(
    membersOf(shape).flatMap(([member, reference]) => {
      const written = declaredForm(model, reference.shape, members.get(member), own);
      return written === undefined ? [] : [[declaredName(member), written]];
    }),
  );
}
