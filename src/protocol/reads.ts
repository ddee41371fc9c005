import type { OperationModel } from './model.ts';

const READING_NAME = /^(?:BatchGet|Describe|Filter|Get|Head|List|Query|Scan|SubscribeToShard)(?=[A-Z]|$)/;

/**
 * Whether an operation leaves all as it is: by its method, and where all come by POST, by its name. What is not known
 * to be a read is none.
 */
export function isRead({ name, http: { method } }: OperationModel): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && READING_NAME.test(name));
}
