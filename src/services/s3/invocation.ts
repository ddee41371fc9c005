import type { CallContext } from '../../protocol/service.ts';
import type { CompletionCondition } from './embedded/uploads.ts';

/** All attempts of a call have the same id, which is kept to know a repeated one; ids that no SDK makes are not kept. */
export function invocationOf(call: CallContext): string | undefined {
  const id = call.invocationId;
  return id !== undefined && /^[\w-]{16,64}$/.test(id) ? id : undefined;
}

/**
 * For the object that a write makes: a conditional write whose answer was lost would fail by its own success when it is
 * repeated.
 */
export function repeatable(condition: CompletionCondition, call: CallContext): { invocation?: string } {
  const invocation = condition === 'unconditional' ? undefined : invocationOf(call);
  return invocation === undefined ? {} : { invocation };
}
