import { randomUUID } from 'node:crypto';
import type { Identity } from '../auth/identity.ts';
import type { AnsweredRequest } from '../protocol/observer.ts';
import { callerOf } from './caller.ts';
import { auditLimits } from './limits.ts';

/** A record in the format of CloudTrail ("CloudTrail record contents"). */
export interface AuditRecord {
  readonly eventName: string;
  readonly eventSource: string;
  readonly [field: string]: unknown;
}

export interface RecordContext {
  readonly region: string;
  readonly accountId: string;
  /** The machine's time, in milliseconds since the epoch. */
  readonly nowMs: number;
}

export interface EventKind {
  readonly eventSource: string;
  readonly eventName: string;
  readonly readOnly: boolean;
  readonly isData: boolean;
}

export function auditRecord(
  answered: AnsweredRequest,
  kind: EventKind,
  requestParameters: object | null,
  { region, accountId, nowMs }: RecordContext,
): AuditRecord {
  const { request, peer, response, outcome } = answered;
  const { error, ids, decision } = outcome ?? {};
  const userAgent = request.headers['user-agent'];
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(answered),
    eventTime: timeOf(nowMs),
    eventSource: kind.eventSource,
    eventName: kind.eventName,
    awsRegion: region,
    sourceIPAddress: peer.address,
    ...(userAgent !== undefined && { userAgent: shortened(userAgent) }),
    ...(error !== undefined && { errorCode: error.code, errorMessage: shortened(error.message) }),
    ...(error === undefined && response.status >= 400 && { errorCode: String(response.status) }),
    requestParameters,
    responseElements: null,
    ...(ids !== undefined && { requestID: ids.requestId }),
    eventID: randomUUID(),
    readOnly: kind.readOnly,
    ...(decision !== undefined &&
      decision.resources.length > 0 && { resources: resources(decision.resources, accountId) }),
    eventType: 'AwsApiCall',
    managementEvent: !kind.isData,
    recipientAccountId: accountId,
    eventCategory: kind.isData ? 'Data' : 'Management',
    ...(peer.tls !== undefined && {
      tlsDetails: {
        tlsVersion: peer.tls.version,
        cipherSuite: peer.tls.cipher,
        clientProvidedHostHeader: shortened(request.authority),
      },
    }),
  };
}

/** CloudTrail's records of what a service does by itself. */
export function serviceEvent(
  eventName: string,
  details: Readonly<Record<string, unknown>>,
  { region, accountId, nowMs }: RecordContext,
): AuditRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { accountId, invokedBy: NAGARE },
    eventTime: timeOf(nowMs),
    eventSource: NAGARE,
    eventName,
    awsRegion: region,
    sourceIPAddress: NAGARE,
    userAgent: NAGARE,
    requestParameters: null,
    responseElements: null,
    eventID: randomUUID(),
    readOnly: false,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: accountId,
    serviceEventDetails: details,
    eventCategory: 'Management',
  };
}

/** The source of events that are nagare's own. */
export const NAGARE = 'nagare';

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

function userIdentity(answered: AnsweredRequest): object {
  const { principal, isAdmitted } = answered;
  const { accessKeyId } = callerOf(answered);
  const identity = principal?.identity;
  if (identity === undefined || !isAdmitted || identity.kind === 'unverified') {
    return { type: 'Unknown', ...(accessKeyId !== undefined && { accessKeyId }) };
  }
  const { arn, userId: principalId, accountId } = identity;
  const known = { principalId, arn, accountId, accessKeyId };
  switch (identity.kind) {
    case 'root':
      return { type: 'Root', ...known };
    case 'user': {
      // Keys of GetSessionToken.
      const isTemporary = accessKeyId?.startsWith('ASIA') === true;
      const sessionContext = { attributes: { mfaAuthenticated: 'false' } };
      const { userName } = identity;
      return { type: 'IAMUser', ...known, userName, ...(isTemporary && { sessionContext }) };
    }
    case 'assumed-role':
      return { type: 'AssumedRole', ...known, sessionContext: sessionOf(identity) };
    // Never signs a request.
    case 'service':
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
  }
}

function sessionOf({ userId, roleArn, accountId }: Identity): object {
  const attributes = { mfaAuthenticated: 'false' };
  if (roleArn === undefined) return { attributes };
  const [principalId] = userId.split(':');
  const userName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return { sessionIssuer: { type: 'Role', principalId, arn: roleArn, accountId, userName }, attributes };
}

const TYPES: Readonly<Record<string, string>> = {
  kinesis: 'AWS::Kinesis::Stream',
  lambda: 'AWS::Lambda::Function',
  sns: 'AWS::SNS::Topic',
  firehose: 'AWS::KinesisFirehose::DeliveryStream',
};

function resources(arns: readonly string[], accountId: string): object[] {
  return arns.slice(0, auditLimits.elementsMax).map((ARN) => {
    const type = typeOf(ARN);
    return { accountId, ...(type !== undefined && { type }), ARN };
  });
}

function typeOf(arn: string): string | undefined {
  const [, , service = '', , , resource = ''] = arn.split(':');
  if (service === 's3') return resource.includes('/') ? 'AWS::S3::Object' : 'AWS::S3::Bucket';
  if (service === 'kinesis' && resource.includes('/consumer/')) return 'AWS::Kinesis::StreamConsumer';
  return TYPES[service];
}

function shortened(text: string): string {
  const max = auditLimits.textCharactersMax;
  return text.length > max ? `${text.slice(0, max)}...` : text;
}
