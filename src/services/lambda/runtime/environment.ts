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
  /** Where functions find the server: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Lambda's variables (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html) and those by which an AWS SDK
 * finds this server, under the function's own. Nothing of the server's own environment but the path of programs.
 */
export function functionEnvironment(
  facts: EnvironmentOptions,
  server: EnvironmentOfServer,
): Record<string, string> {
  const { PATH } = process.env;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    // aws-sdk v2 would print it into every function's log.
    AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    // No machine metadata service answers here: an SDK that asks would wait for it in vain.
    AWS_EC2_METADATA_DISABLED: 'true',
    ...facts.variables,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${facts.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: facts.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(facts.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: facts.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: facts.logStream,
    LAMBDA_TASK_ROOT: facts.folder,
    LAMBDA_RUNTIME_DIR: facts.folder,
    _HANDLER: facts.handler,
  };
}
