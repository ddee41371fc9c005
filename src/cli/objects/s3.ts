import type * as S3Sdk from '@aws-sdk/client-s3';
import { Agent as HttpAgent } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import { s3ClientConfig } from '../../support/s3-client.ts';
import { AnsweredError, type RunningServer } from '../api.ts';
import { NoAnswerError } from '../connect/send.ts';
import { serviceUrl } from '../connect/service-url.ts';
import { cliLimits } from '../limits.ts';

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {}

export interface S3 {
  readonly sdk: typeof S3Sdk;
  readonly client: S3Client;
}

/**
 * Calls S3 with the SDK, which is loaded for this only. Rejects with CommandError. `missing` is the error code when the
 * answer does not say what is missing: that to HEAD has no body.
 */
export async function withS3<Result>(
  server: RunningServer,
  work: (s3: S3) => Promise<Result>,
  missing: 'NoSuchBucket' | 'NoSuchKey' = 'NoSuchKey',
): Promise<Result> {
  const sdk = await import('@aws-sdk/client-s3');
  // With an endpoint of its own, also of AWS: the SDK would take that of the environment.
  const endpoint = serviceUrl(server, 's3', '/').origin;
  const { region, credentials, agent } = server;
  const config = s3ClientConfig({
    endpoint,
    region,
    credentials,
    connectMs: cliLimits.s3ConnectMs,
    answerMs: cliLimits.s3AnswerMs,
    agents: agent && { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: agent },
  });
  // Without one, the SDK prints warnings for its programmers.
  const client = new sdk.S3Client({ ...config, logger: silent });
  try {
    return await work({ sdk, client });
  } catch (error) {
    throw error instanceof sdk.S3ServiceException ? s3Error(error, missing) : networkError(error, server);
  } finally {
    client.destroy();
  }
}

/** Errors of Node's sockets, of TLS and of the SDK's time limits. */
export function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TimeoutError') return true;
  const code = 'code' in error ? String(error.code) : '';
  return /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|EPROTO|HPE_|ERR_SSL|ERR_TLS)|CERT|SIGNATURE/.test(
    code,
  );
}

function networkError(error: unknown, server: RunningServer): unknown {
  return isOfNetwork(error) ? new NoAnswerError(server, error) : error;
}

function s3Error({ name, message, $metadata }: S3Sdk.S3ServiceException, missing: string): AnsweredError {
  const status = $metadata.httpStatusCode ?? 0;
  const isNamed = !/^(?:\d+|NotFound|Forbidden|Unknown|UnknownError)$/.test(name);
  if (isNamed) return new AnsweredError(name, message === name ? '' : message, 's3');
  const codes: Readonly<Record<number, string>> = {
    403: 'AccessDenied',
    404: missing,
    412: 'PreconditionFailed',
    416: 'InvalidRange',
  };
  return new AnsweredError(codes[status] ?? `status ${status}`, '', 's3');
}
