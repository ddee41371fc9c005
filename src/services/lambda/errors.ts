import { ServiceError } from '../../errors.ts';

/** Errors of the function operations, with AWS's messages where AWS has one. */

function userError(code: string, message: string, status = 400, fields: Record<string, string> = {}) {
  return new ServiceError(code, message, status, { Type: 'User', ...fields });
}

const invalidParameter = (message: string): ServiceError =>
  userError('InvalidParameterValueException', message);

export const functionNotFound = (arn: string): ServiceError =>
  userError('ResourceNotFoundException', `Function not found: ${arn}`, 404);

export const otherRegion = (theirs: string, ours: string): ServiceError =>
  userError(
    'ResourceNotFoundException',
    `Functions from '${theirs}' are not reachable in this region ('${ours}')`,
    404,
  );

export const functionExists = (name: string): ServiceError =>
  userError('ResourceConflictException', `Function already exist: ${name}`, 409);

export const functionDeclared = (name: string): ServiceError =>
  userError(
    'ResourceConflictException',
    `The function ${name} is declared in nagare.yaml; change it there.`,
    409,
  );

export const functionNameTooLong = (name: string, most: number): ServiceError =>
  userError(
    'ValidationException',
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${most}`,
  );

export const qualifiersDiffer = (): ServiceError =>
  invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');

export const tooManyFunctions = (most: number): ServiceError =>
  invalidParameter(`nagare keeps at most ${most} functions`);

export const unsupportedOption = (option: string): ServiceError =>
  invalidParameter(`nagare does not support ${option} yet`);

export const unsupportedRuntime = (runtime: string): ServiceError =>
  invalidParameter(
    `nagare does not support the runtime ${runtime} yet; it runs nodejs, python and provided runtimes`,
  );

export const unknownRuntime = (runtime: string, known: readonly string[]): ServiceError =>
  invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ` +
      `[${known.join(', ')}] or be a valid ARN`,
  );

export const endedRuntime = (runtime: string, newest: string): ServiceError =>
  invalidParameter(
    `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. ` +
      `We recommend you use the new runtime (${newest}) while creating or updating functions.`,
  );

export const runtimeMissing = (runtime: string, reason: string): ServiceError =>
  invalidParameter(`The runtime ${runtime} cannot run here: ${reason}.`);

export const runtimeAndHandlerMandatory = (): ServiceError =>
  invalidParameter(
    'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
  );

export const timeoutTooLong = (seconds: number, most: number): ServiceError =>
  userError(
    'ValidationException',
    `1 validation error detected: Value '${seconds}' at 'timeout' failed to satisfy constraint: ` +
      `Member must have value less than or equal to ${most}`,
  );

export const reservedVariables = (names: readonly string[]): ServiceError =>
  invalidParameter(
    'Lambda was unable to configure your environment variables because the environment variables you have ' +
      'provided contains reserved keys that are currently not supported for modification. ' +
      `Reserved keys used in this request: ${names.join(', ')}`,
  );

export const environmentTooLarge = (text: string): ServiceError =>
  invalidParameter(
    'Lambda was unable to configure your environment variables because the environment variables you have ' +
      `provided exceeded the 4KB limit. String measured: ${text}`,
  );

export const invalidZip = (): ServiceError =>
  invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');

export const emptyZip = (): ServiceError => invalidParameter('Uploaded file must be a non-empty zip');

export const codeMissing = (): ServiceError => invalidParameter('Please provide a source for function code.');

export const unzippedTooLarge = (most: number): ServiceError =>
  invalidParameter(`Unzipped size must be smaller than ${most} bytes`);

export const zipTooLarge = (most: number, operation: string): ServiceError =>
  userError(
    'RequestEntityTooLargeException',
    `Request must be smaller than ${most} bytes for the ${operation} operation`,
    413,
  );

export const revisionDiffers = (): ServiceError =>
  userError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. ' +
      'Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
  );

export const invalidMarker = (): ServiceError => invalidParameter('The marker is not valid.');

export const payloadTooLarge = (most: number): ServiceError =>
  userError(
    'RequestEntityTooLargeException',
    `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
    413,
  );

export const eventTooLarge = (bytes: number, most: number): ServiceError =>
  userError(
    'RequestEntityTooLargeException',
    `${bytes} byte payload is too large for the Event invocation type (limit ${most} bytes)`,
    413,
  );

export const payloadNotJson = (reason: string): ServiceError =>
  userError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`);

export const clientContextInvalid = (): ServiceError =>
  userError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.');

/** `reserved`: the function has reached its reserved concurrency. */
export const tooManyRequests = ({ reserved }: { readonly reserved: boolean } = { reserved: false }) =>
  userError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason: `${reserved ? 'ReservedFunction' : ''}ConcurrentInvocationLimitExceeded`,
  });

export const unavailable = (): ServiceError =>
  new ServiceError('ServiceException', 'The server is shutting down.', 503, { Type: 'Service' });
