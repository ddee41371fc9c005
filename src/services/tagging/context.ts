import { PageTokens } from '../../aws/page-token.ts';
import type { TaggedResources } from '../../aws/tagged-resources.ts';
import type { CallContext, Checked } from '../../protocol/service.ts';
import { invalidToken } from './errors.ts';

/** The dependencies of the operations. */
export interface TaggingContext {
  readonly tagged: TaggedResources;
}

export type Handler<Input, Output> = (
  context: TaggingContext,
  input: Checked<Input>,
  call: CallContext,
) => Output | Promise<Output>;

export const pageTokens = new PageTokens({ invalid: invalidToken });

/** AWS sends an empty token on the last page, and takes it on the first. */
export function tokenIn(token: string | undefined): string | undefined {
  return token === '' ? undefined : token;
}
