import type { OperationModel } from './model.ts';

const READING_NAME = /^(?:BatchGet|Describe|Filter|Get|Head|List|Query|Scan|SubscribeToShard)(?=[A-Z]|$)/;

/**
 * Returns whether an operation only reads: by its method or, where every call is a POST, by its name. An operation
 * that is not known to be a read counts as a write.
 */
export function isRead({ name, http: { method } }: OperationModel): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && READING_NAME.test(name));
}
