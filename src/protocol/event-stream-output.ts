import type { HttpResponse } from '../http/message.ts';
import type { ServiceError } from '../errors.ts';
import type { DescribedError } from './error-shapes.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import type { RequestIds } from './request-ids.ts';

export function eventStreamMember(_model: ServiceModel, _operation: OperationModel): string | undefined {
  return undefined;
}

export function eventStreamResponse(
  _member: string,
  _encoder: unknown,
  _output: object,
  _ids: RequestIds,
  _describe: (error: ServiceError) => DescribedError,
): HttpResponse {
  throw new Error('not yet');
}
