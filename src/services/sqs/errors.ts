import { ServiceError } from '../../errors.ts';

/** SQS's errors, by the names that clients see. */

export function queueDoesNotExist(): ServiceError {
  return new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}

export function queueNameExists(attribute: string): ServiceError {
  return new ServiceError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );
}

export function queueDeletedRecently(): ServiceError {
  return new ServiceError(
    'QueueDeletedRecently',
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );
}

export function invalidAddress(address: string): ServiceError {
  return new ServiceError('InvalidAddress', `The address ${address} is not valid for this endpoint.`);
}

export function missingParameter(parameter: string): ServiceError {
  return new ServiceError(
    'MissingRequiredParameterException',
    `The request must contain the parameter ${parameter}.`,
  );
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message);
}

export function invalidValue(value: string | number, parameter: string, reason: string): ServiceError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function notForThisType(value: string | number, parameter: string): ServiceError {
  return invalidValue(
    value,
    parameter,
    'The request include parameter that is not valid for this queue type.',
  );
}

export function unknownAttribute(attribute: string): ServiceError {
  return new ServiceError('InvalidAttributeName', `Unknown Attribute ${attribute}.`);
}

export function twoEncryptions(): ServiceError {
  return new ServiceError(
    'InvalidAttributeName',
    'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
  );
}

export function invalidAttribute(attribute: string, reason?: string): ServiceError {
  const why = reason === undefined ? '' : ` Reason: ${reason}`;
  return new ServiceError('InvalidAttributeValue', `Invalid value for the parameter ${attribute}.${why}`);
}

export function invalidMessageContents(character: number): ServiceError {
  const code = character.toString(16).toUpperCase();
  return new ServiceError(
    'InvalidMessageContents',
    `Invalid binary character '#x${code}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`,
  );
}

export function receiptHandleIsInvalid(handle: string): ServiceError {
  return new ServiceError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
}

export function receiptHandleExpired(handle: string): ServiceError {
  return invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
}

export function visibilityNotChangeable(handle: string): ServiceError {
  return invalidValue(
    handle,
    'ReceiptHandle',
    'Message does not exist or is not available for visibility timeout change.',
  );
}

export function emptyBatch(entry: string): ServiceError {
  return new ServiceError('EmptyBatchRequest', `There should be at least one ${entry} in the request.`);
}

export function tooManyEntries(max: number, sent: number): ServiceError {
  return new ServiceError(
    'TooManyEntriesInBatchRequest',
    `Maximum number of entries per request are ${max}. You have sent ${sent}.`,
  );
}

export function batchIdRepeated(id: string): ServiceError {
  return new ServiceError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
}

export function invalidBatchEntryId(): ServiceError {
  return new ServiceError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );
}

export function batchTooLong(max: number, sent: number): ServiceError {
  return new ServiceError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${max} bytes. You have sent ${sent} bytes.`,
  );
}

export function purgeInProgress(name: string): ServiceError {
  return new ServiceError(
    'PurgeQueueInProgress',
    `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
    403,
  );
}

export function overLimit(message: string): ServiceError {
  return new ServiceError('OverLimit', message, 403);
}

export function requestThrottled(): ServiceError {
  return new ServiceError('RequestThrottled', 'Request is throttled.', 403);
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}

export function arnNotFound(parameter: string): ServiceError {
  return resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
}
