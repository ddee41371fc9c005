import type { FunctionCredentials } from '../../registration.ts';

/** What the process of a function finds in its environment. */
export interface EnvironmentOptions {
  readonly functionName: string;
  readonly version: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMegabytes: number;
  readonly folder: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Undefined: the format is Text, without a level. */
  readonly jsonLogLevel: string | undefined;
  /** The files of the function's layers, as its process sees them. */
  readonly opt: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

export interface EnvironmentOfServer {
  readonly region: string;
  /** The server's URL for functions: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Of the S3 that has the objects, if it is another server. */
  readonly objectsEndpoint: string | undefined;
  readonly credentials: FunctionCredentials;
}

const SYSTEM_PATHS = '/usr/local/bin:/usr/bin:/bin';

/** Where programs, libraries and packages of layers are found (docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html). */
function layerVariables({ opt, folder, runtime }: EnvironmentOptions): Record<string, string> {
  if (opt === undefined) return {};
  const { PATH = SYSTEM_PATHS } = process.env;
  const version = /[0-9.]*[0-9]/.exec(runtime)?.[0] ?? '';
  const libraries = [folder, `${folder}/lib`, `${opt}/lib`];
  const shared = { PATH: `${PATH}:${opt}/bin`, LD_LIBRARY_PATH: libraries.join(':') };
  if (runtime.startsWith('nodejs')) {
    const packages = [`${opt}/nodejs/node${version}/node_modules`, `${opt}/nodejs/node_modules`];
    return { ...shared, NODE_PATH: packages.join(':') };
  }
  if (!runtime.startsWith('python')) return shared;
  return { ...shared, _NAGARE_PYTHON_PATH: `${opt}/python:${opt}/python/lib/python${version}/site-packages` };
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
    PATH: PATH ?? SYSTEM_PATHS,
    ...layerVariables(info),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: server.endpoint,
    ...(server.objectsEndpoint !== undefined && { AWS_ENDPOINT_URL_S3: server.objectsEndpoint }),
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
    AWS_LAMBDA_FUNCTION_VERSION: info.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(info.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: info.logGroup,
    AWS_LAMBDA_LOG_FORMAT: info.jsonLogLevel === undefined ? 'Text' : 'JSON',
    ...(info.jsonLogLevel !== undefined && { AWS_LAMBDA_LOG_LEVEL: info.jsonLogLevel }),
    AWS_LAMBDA_LOG_STREAM_NAME: info.logStream,
    LAMBDA_TASK_ROOT: info.folder,
    LAMBDA_RUNTIME_DIR: info.folder,
    _HANDLER: info.handler,
  };
}
