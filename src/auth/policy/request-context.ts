import { ComparisonSteps } from './comparison-steps.ts';
import { policyLimits } from './limits.ts';

/** The condition keys of a request with their values. Keys are in lower case, because they ignore case. */
export interface RequestContext {
  get(key: string): readonly string[] | undefined;
  readonly steps: ComparisonSteps;
}

export function requestContext(
  entries: Iterable<readonly [key: string, values: readonly string[]]>,
  steps = new ComparisonSteps(policyLimits.decisionStepsMax),
): RequestContext {
  const keys = new Map<string, readonly string[]>();
  for (const [key, values] of entries) keys.set(key.toLowerCase(), values);
  return { get: (key) => keys.get(key), steps };
}
