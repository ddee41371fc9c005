import { UnavailableError } from '../errors.ts';
import type { Operation } from './service.ts';

/**
 * The operation at a machine that may not have what another one has put on the page before: its tokens are numbers of items,
 * which are others there. Rejects with UnavailableError for further pages.
 */
export function firstPage<Context, Input, Output>(
  operation: Operation<Context, Input, Output>,
  tokenOf: (input: Input) => string | undefined,
): Operation<Context, Input, Output> {
  return (context, input, call) => {
    if (tokenOf(input) !== undefined) throw new UnavailableError('this machine has first pages only');
    return operation(context, input, call);
  };
}
