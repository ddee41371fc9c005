import type { ServiceError } from '../errors.ts';
import type { ServiceModel, Shape } from './model.ts';

/**
 * An error as the model describes it. Handlers may name it by its shape (`NotFoundException`) or its code
 * (`NotFound`).
 */
export interface DescribedError {
  readonly shapeName: string;
  /** The name that the query protocol and S3 use. */
  readonly code: string;
  /** `Message` or `message`, as the error's shape spells it. */
  readonly messageMember: string;
  readonly shape: Shape | undefined;
}

/** Caches the lookups, because errors can be as frequent as results. */
export function errorDescriber(model: ServiceModel): (error: ServiceError) => DescribedError {
  const known = new Map<string, DescribedError>();
  for (const [shapeName, shape] of Object.entries(model.shapes)) {
    if (shape.exception !== true) continue;
    const code = shape.error?.code ?? shapeName;
    const messageMember = shape.members?.['Message'] === undefined ? 'message' : 'Message';
    const described = { shapeName, code, messageMember, shape };
    if (!known.has(code)) known.set(code, described);
    known.set(shapeName, described);
  }
  return ({ code }) =>
    known.get(code) ?? { shapeName: code, code, messageMember: 'message', shape: undefined };
}
