import type { FunctionCredentials } from '../../registration.ts';

/** What the process of a function finds in its environment. */
export interface EnvironmentOptions {
  readonly functionName: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMegabytes: number;
  readonly folder: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface EnvironmentOfServer {
  readonly region: string;
  /** The server's URL for functions: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly credentials: FunctionCredentials;
}

/**
 * The environment of a function: Lambda's variables (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html),
 * the variables that point an AWS SDK to this server, and the function's own, which take precedence. Of the server's
 * environment only PATH is passed on.
 */
export function functionEnvironment(
  info: EnvironmentOptions,
  server: EnvironmentOfServer,
): Record<string, string> {
  const { PATH } = process.env;
  const { sessionToken } = server.credentials;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    // Otherwise aws-sdk v2 prints a notice into every function's log.
    AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    // There is no instance metadata service: an SDK that asks for it would wait for a timeout.
    AWS_EC2_METADATA_DISABLED: 'true',
    ...info.variables,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${info.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: info.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(info.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: info.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: info.logStream,
    LAMBDA_TASK_ROOT: info.folder,
    LAMBDA_RUNTIME_DIR: info.folder,
    _HANDLER: info.handler,
  };
}
