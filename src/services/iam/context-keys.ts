import { contextKeysOf } from '../../auth/policy/context-keys.ts';
import { parsePolicy } from '../../auth/policy/parse-policy.ts';
import { orMalformed } from './errors.ts';

/** The context keys that the policies read, each once. Throws InvalidInput for an invalid policy. */
export function contextKeys(documents: readonly string[]): string[] {
  const keys = documents.flatMap((document) =>
    contextKeysOf(orMalformed(() => parsePolicy(document, 'identity'), 'InvalidInput')),
  );
  return [...new Set(keys)].toSorted();
}
