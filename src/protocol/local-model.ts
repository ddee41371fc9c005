import type { OperationModel, ServiceModel, Shape, ShapeReference } from './model.ts';

/**
 * The same model with all members in the body, under their own names: a REST service reads some from the path, the
 * query and the headers, and XML names lists by their elements.
 */
export function bodyModel(model: ServiceModel): ServiceModel {
  const shapes = Object.entries(model.shapes).map(([name, shape]) => [name, inBody(shape)] as const);
  return { ...model, shapes: Object.fromEntries(shapes) };
}

function inBody({ payload: _payload, ...shape }: Shape): Shape {
  if (shape.members === undefined) return shape;
  const members = Object.entries(shape.members).map(([name, reference]) => [name, bare(reference)] as const);
  return { ...shape, members: Object.fromEntries(members) };
}

function bare({ location: _location, locationName: _name, ...reference }: ShapeReference): ShapeReference {
  return reference;
}

/** Whether the operation takes or returns something that has no end, or that is too large for one document. */
export function isStreamed({ shapes }: ServiceModel, { input, output }: OperationModel): boolean {
  return [input, output].some((reference) => {
    const members = reference === undefined ? {} : (shapes[reference.shape]?.members ?? {});
    return Object.values(members).some(({ shape, streaming }) => {
      const { streaming: ofShape, eventstream } = shapes[shape] ?? {};
      return streaming === true || ofShape === true || eventstream === true;
    });
  });
}
