import { ServiceError } from '../../errors.ts';

/** Errors of the function operations, with AWS's messages where AWS has one. */

export function userError(code: string, message: string, status = 400, fields: Record<string, string> = {}) {
  return new ServiceError(code, message, status, { Type: 'User', ...fields });
}

export const invalidParameter = (message: string): ServiceError =>
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
  invalidParameter(
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${most}`,
  );

export const qualifiersDiffer = (): ServiceError =>
  invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');

export const qualifierNotPermitted = (): ServiceError =>
  invalidParameter(
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
      'Please specify either a function name or an unqualified function ARN.',
  );

export const tagsOfQualifier = (): ServiceError =>
  invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');

export const unsupportedTags = (arn: string): ServiceError =>
  invalidParameter(`nagare does not support tags of ${arn} yet`);

export const unreservedTooLow = (least: number): ServiceError =>
  invalidParameter(
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution " +
      `below its minimum value of [${least}].`,
  );

export const codeStorageExceeded = (): ServiceError =>
  userError('CodeStorageExceededException', 'Code storage limit exceeded.');

export const tooManyFunctions = (most: number): ServiceError =>
  invalidParameter(`nagare keeps at most ${most} functions`);

export const unsupportedOption = (option: string): ServiceError =>
  invalidParameter(`nagare does not support ${option} yet`);

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

export const otherArchitecture = (wanted: string, own: string): ServiceError =>
  invalidParameter(`nagare does not support the architecture ${wanted} on this machine; it runs ${own} code`);

export const runtimeMissing = (runtime: string, program: string): ServiceError =>
  invalidParameter(`The runtime ${runtime} cannot run here: no ${program} on the PATH of the server.`);

export const runtimeClientMissing = (runtime: string, lack: string): ServiceError =>
  invalidParameter(`The runtime ${runtime} cannot run this code: ${lack}.`);

export const runtimeAndHandlerMandatory = (): ServiceError =>
  invalidParameter(
    'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
  );

export const roleNotAssumable = (): ServiceError =>
  invalidParameter('The role defined for the function cannot be assumed by Lambda.');

export const streamNotPermitted = (arn: string): ServiceError =>
  invalidParameter(
    `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
      'DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.',
  );

export const queueNotPermitted = (action: string): ServiceError =>
  invalidParameter(`The function execution role does not have permissions to call ${action} on SQS`);

export const destinationNotPermitted = (action: string, arn: string): ServiceError =>
  invalidParameter(`The function's execution role does not have permissions to call ${action} on ${arn}`);

export const deadLettersNotPermitted = (action: string, service: string): ServiceError =>
  invalidParameter(`The provided execution role does not have permissions to call ${action} on ${service}`);

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

export const levelOfText = (): ServiceError =>
  invalidParameter(
    'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the ' +
      'LogFormat to "JSON" and try again.',
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

export const twoCodeSources = (): ServiceError =>
  invalidParameter('Please do not provide other FunctionCode parameters when providing a ZipFile.');

export const objectNotRead = (code: string, message: string): ServiceError =>
  invalidParameter(`Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`);

export const unzippedTooLarge = (most: number): ServiceError =>
  invalidParameter(`Unzipped size must be smaller than ${most} bytes`);

export const zipTooLarge = (most: number): ServiceError =>
  userError('RequestEntityTooLargeException', `Zipped size must be smaller than ${most} bytes`, 413);

export const imageForZip = (): ServiceError =>
  invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.");

export const revisionDiffers = (): ServiceError =>
  userError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. ' +
      'Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
  );

export const policyForLatest = (): ServiceError =>
  invalidParameter('We currently do not support adding policies for $LATEST.');

export const invalidPrincipal = (): ServiceError =>
  invalidParameter('The provided principal was invalid. Please check the principal and try again.');

export const invalidPolicy = (reason: string): ServiceError =>
  invalidParameter(`The resource policy is not valid: ${reason}`);

export const urlOptionMisused = (option: string, action: string): ServiceError =>
  invalidParameter(`${option} is only supported for ${action} action`);

export const statementExists = (id: string): ServiceError =>
  userError(
    'ResourceConflictException',
    `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing ` +
      'statement.',
    409,
  );

export const statementNotFound = (id: string): ServiceError =>
  userError('ResourceNotFoundException', `Statement ${id} is not found in resource policy.`, 404);

export const noPolicy = (): ServiceError =>
  userError('ResourceNotFoundException', 'No policy is associated with the given resource.', 404);

/** GetPolicy has its own message. */
export const policyNotFound = (): ServiceError =>
  userError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);

export const policyTooLong = (bytes: number, most: number): ServiceError =>
  userError(
    'PolicyLengthExceededException',
    `The final policy size (${bytes}) is bigger than the limit (${most}).`,
  );

/** The three messages of the settings of asynchronous invocation. */
export const eventInvokeFunctionNotFound = (): ServiceError =>
  userError('ResourceNotFoundException', "The function doesn't exist.", 404);

export const eventInvokeConfigNotFound = (arn: string): ServiceError =>
  userError('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`, 404);

export const eventInvokeConfigEmpty = (): ServiceError =>
  invalidParameter('You must specify at least one of error handling or destination setting.');

export const destinationInvalid = (arn: string): ServiceError =>
  invalidParameter(`The destination ARN ${arn} is invalid.`);

export const destinationIsFunctionItself = (): ServiceError =>
  invalidParameter("You can't specify the function as a destination for itself.");

export const destinationConfigInvalid = (
  onSuccess: string | undefined,
  onFailure: string | undefined,
): ServiceError =>
  invalidParameter(
    `The provided destination config DestinationConfig(onSuccess=${destinationText('OnSuccess', onSuccess)}, ` +
      `onFailure=${destinationText('OnFailure', onFailure)}) is invalid.`,
  );

function destinationText(name: string, arn: string | undefined): string {
  return arn === undefined ? 'null' : `${name}(destination=${arn})`;
}

export const deadLetterTargetInvalid = (arn: string): ServiceError =>
  invalidParameter(`The target ARN ${arn} of DeadLetterConfig must be that of an SNS topic or SQS queue.`);

export const duplicateTag = (key: string): ServiceError =>
  invalidParameter(`The tag key ${key} is given twice.`);

export const reservedTag = (key: string): ServiceError =>
  invalidParameter(`The tag key ${key} is reserved: keys must not begin with aws:`);

export const invalidTagCharacters = (): ServiceError =>
  invalidParameter('A tag key or value has characters that are not allowed.');

export const tooManyTags = (): ServiceError => invalidParameter('Number of tags exceeds resource tag limit.');

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
