import type { CallContext } from '../../protocol/service.ts';
import type { CompletionCondition } from './embedded/uploads.ts';

/**
 * The invocation id, which is the same for all attempts of a call and is stored to recognize a retry. IDs that no SDK
 * generates are ignored.
 */
export function invocationOf(call: CallContext): string | undefined {
  const id = call.invocationId;
  return id !== undefined && /^[\w-]{16,64}$/.test(id) ? id : undefined;
}

/**
 * Marks the object written by a conditional call: if its response is lost, the retry would otherwise fail because of
 * its own success.
 */
export function repeatable(condition: CompletionCondition, call: CallContext): { invocation?: string } {
  const invocation = condition === 'unconditional' ? undefined : invocationOf(call);
  return invocation === undefined ? {} : { invocation };
}
