import { ServiceError } from '../../errors.ts';

/** The errors of Firehose, with AWS's wording where it is known. */

export function notFound(name: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Firehose ${name} under account ${accountId} not found.`,
  );
}

export function alreadyExists(name: string, accountId: string): ServiceError {
  return new ServiceError(
    'ResourceInUseException',
    `Firehose ${name} under accountId ${accountId} already exists`,
  );
}

export function resourceInUse(message: string): ServiceError {
  return new ServiceError('ResourceInUseException', message);
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}

export function cannotAssumeRole(role: string): ServiceError {
  return invalidArgument(`Firehose is unable to assume role ${role}. Please check the role provided.`);
}

export function roleNotAuthorized(role: string, action: string, resource: string): ServiceError {
  return invalidArgument(`Role ${role} is not authorized to perform: ${action} on resource ${resource}.`);
}

export function schemaNotPermitted(): ServiceError {
  return invalidArgument(
    'Access was denied when calling Glue. Please ensure that the role specified in the data format conversion ' +
      'configuration has the necessary permissions.',
  );
}

/** An option of AWS that nagare does not support, refused by name. */
export function notSupported(what: string): ServiceError {
  return invalidArgument(`nagare does not support ${what}.`);
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}

export function versionsDiffer(name: string, current: string, specified: string): ServiceError {
  return new ServiceError(
    'ConcurrentModificationException',
    `Cannot update firehose: ${name} since the current version id: ${current} and specified version id: ${specified} do not match`,
  );
}

export function invalidSource(message: string): ServiceError {
  return new ServiceError('InvalidSourceException', message);
}

/** Clients retry this error. */
export function unavailable(reason: string): ServiceError {
  return new ServiceError('ServiceUnavailableException', `Slow down. ${reason}`, 503);
}
