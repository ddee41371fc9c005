import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';

/** An S3 that may be another one than AWS's. */
export interface S3ClientSettings {
  /** Undefined: AWS's own. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Default: as the SDK finds them (environment, profile, instance). */
  readonly credentials?: S3ClientConfig['credentials'] | undefined;
  readonly connectMs: number;
  readonly answerMs: number;
  readonly agents?: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } | undefined;
}

/** What a client of any S3 needs: buckets in the path, bounded waiting, and no checksums that others do not know. */
export function s3ClientConfig(settings: S3ClientSettings): S3ClientConfig {
  const { endpoint, region, credentials, connectMs, answerMs, agents } = settings;
  return {
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true, region: 'us-east-1' }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    // Other servers may not know the checksums that newer SDKs send by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      ...agents,
    },
  };
}
