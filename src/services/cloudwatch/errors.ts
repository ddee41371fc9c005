import { ServiceError } from '../../errors.ts';

/** CloudWatch's errors, by the codes that clients get. */

export function invalidParameterValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): ServiceError {
  return new ServiceError('InvalidParameterCombination', message);
}

export function missingParameter(message: string): ServiceError {
  return new ServiceError('MissingParameter', message);
}

/** The error of PutMetricAlarm and similar operations for invalid input. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** For declarations in nagare.yaml; PutMetricAlarm itself does not check whether a topic exists. */
export function topicUnknown(option: string, topic: string, meant: string | undefined): ServiceError {
  const hint = meant === undefined ? 'declare it under topics, or use an ARN' : `did you mean ${meant}?`;
  return validationError(
    `${option} refers to the topic ${topic}, which is neither declared nor exists; ${hint}`,
  );
}

/** A known option that is not supported yet. */
export function notSupported(option: string): ServiceError {
  return validationError(`nagare does not support ${option} yet`);
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFound', message, 404);
}

/** The same error in the form of the newer operations. */
export function resourceNotFoundException(resourceType: string, resourceId: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `${resourceType} ${resourceId} does not exist`, 404, {
    ResourceType: resourceType,
    ResourceId: resourceId,
  });
}

export function invalidNextToken(): ServiceError {
  return new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
}

export function invalidFormat(message: string): ServiceError {
  return new ServiceError('InvalidFormat', message);
}

/** The error of PutDashboard for invalid input. */
export function invalidParameterInput(message: string): ServiceError {
  return new ServiceError('InvalidParameterInput', message);
}

/** With all problems, as AWS lists them. */
export function dashboardBodyInvalid(
  problems: readonly { readonly dataPath: string; readonly message: string }[],
): ServiceError {
  return invalidParameterInput(
    `The dashboard body is invalid, there are ${problems.length} validation errors:\n${JSON.stringify(problems, undefined, 2)}`,
  );
}

export function dashboardNotFound(name: string): ServiceError {
  // By its shape: its code is that of ResourceNotFound, too.
  return new ServiceError('DashboardNotFoundError', `Dashboard ${name} does not exist`, 404);
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceeded', message);
}

export function metricLimitExceeded(metrics: number): ServiceError {
  return limitExceeded(`nagare keeps at most ${metrics} metrics`);
}
