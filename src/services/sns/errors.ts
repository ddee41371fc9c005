import { ServiceError } from '../../errors.ts';

/** SNS's errors, by the codes that clients see. */

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${message}`);
}

/** InvalidParameter for an attribute; Subscribe and SetSubscriptionAttributes use different messages. */
export class InvalidAttributeError extends ServiceError {
  readonly reason: string;

  constructor(reason: string) {
    super('InvalidParameter', `Invalid parameter: ${reason}`);
    this.reason = reason;
  }
}

/** An unsupported option, refused by name. */
export function notSupported(parameter: string, what: string): ServiceError {
  return invalidParameter(`${parameter} Reason: nagare does not support ${what} yet`);
}

export function parameterValueInvalid(message: string): ServiceError {
  return new ServiceError('ParameterValueInvalid', message);
}

export function topicNotFound(): ServiceError {
  return new ServiceError('NotFound', 'Topic does not exist', 404);
}

export function subscriptionNotFound(): ServiceError {
  return new ServiceError('NotFound', 'Subscription does not exist', 404);
}

/** AWS has different errors for a malformed token and for an unknown one. */
export function malformedToken(): ServiceError {
  return new ServiceError('InvalidParameter', 'Invalid token');
}

/** The tagging operations have their own message. */
export function resourceNotFound(): ServiceError {
  return new ServiceError('ResourceNotFound', 'Resource does not exist', 404);
}

export function topicLimitExceeded(): ServiceError {
  return new ServiceError('TopicLimitExceeded', 'Too many topics', 403);
}

export function subscriptionLimitExceeded(): ServiceError {
  return new ServiceError('SubscriptionLimitExceeded', 'Too many subscriptions', 403);
}

export function filterPolicyLimitExceeded(): ServiceError {
  const message = 'The filter policies and other attributes of all subscriptions are too large';
  return new ServiceError('FilterPolicyLimitExceeded', message, 403);
}

export function tagLimitExceeded(): ServiceError {
  return new ServiceError(
    'TagLimitExceeded',
    'Could not complete request: tag quota of per resource exceeded',
  );
}

export function authorizationError(message: string): ServiceError {
  return new ServiceError('AuthorizationError', message, 403);
}

/** Too many deliveries are in progress; clients retry. */
export function throttled(): ServiceError {
  return new ServiceError(
    'Throttled',
    'Too many notifications are waiting to be delivered; try again later',
    429,
  );
}

export function emptyBatchRequest(): ServiceError {
  return new ServiceError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
}

export function tooManyEntries(): ServiceError {
  return new ServiceError(
    'TooManyEntriesInBatchRequest',
    'The batch request contains more entries than permissible.',
  );
}

export function batchIdsNotDistinct(): ServiceError {
  return new ServiceError(
    'BatchEntryIdsNotDistinct',
    'Two or more batch entries in the request have the same Id.',
  );
}

export function batchEntryIdTooLong(id: string): ServiceError {
  return new ServiceError(
    'InvalidBatchEntryId',
    `The Id of a batch entry in the batch request is too long: ${id}`,
  );
}

export function invalidBatchEntryId(id: string): ServiceError {
  return new ServiceError(
    'InvalidBatchEntryId',
    `The Id of a batch entry in the batch request contains an impermissible character: ${id}`,
  );
}

export function batchRequestTooLong(): ServiceError {
  return new ServiceError(
    'BatchRequestTooLong',
    'The length of all the messages put together is more than the limit.',
  );
}
