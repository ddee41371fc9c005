import type { Principal } from '../auth/principal.ts';
import type { ServiceError } from '../errors.ts';
import type { HttpRequest } from '../http/message.ts';
import type { OperationModel } from './model.ts';
import { isRead } from './reads.ts';
import type { Service } from './service.ts';

/** A call that is no read, when it is answered. */
export interface Change {
  readonly service: Service;
  readonly operation: string;
  /** Undefined if it could not be decoded. Its blobs may refer to memory that is used again: they must not be read. */
  readonly input: object | undefined;
  readonly error: ServiceError | undefined;
  readonly principal: Principal;
  readonly http: HttpRequest;
  readonly requestId: string;
}

/** Gets the changes that callers make. Costs the reads nothing, nor the changes that it does not want. */
export interface ChangeObserver {
  /** Also changes of data, such as PutRecord; else only those of resources. */
  readonly includesData: boolean;
  /** Must not throw. */
  changed(change: Change): void;
}

/** The observer, if it wants the calls of this operation. */
export function observerOfChanges(
  observer: ChangeObserver | undefined,
  { audit }: Service,
  operation: OperationModel,
): ChangeObserver | undefined {
  if (observer === undefined || isRead(operation)) return undefined;
  return observer.includesData || audit?.dataEvents.includes(operation.name) !== true ? observer : undefined;
}
