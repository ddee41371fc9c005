import type { HttpRequest } from '../http/message.ts';
import type { OperationModel } from './model.ts';
import { restRouter } from './rest/rest-router.ts';
import type { Service } from './service.ts';

/** Finds the name of an AWS operation that the service does not have, by the form of the request. */
export interface UnsupportedOperations {
  has(name: string): boolean;
  /** By a path without labels: it means this operation, whatever else it fits (`POST /{Bucket}`). */
  byWholePath(method: string, path: string): string | undefined;
  /** Only for services whose operations are identified by method and path. */
  at(
    method: string,
    path: string,
    query: URLSearchParams,
    headers: HttpRequest['headers'],
  ): string | undefined;
}

export function unsupportedOperations({ model, unsupported = [] }: Service): UnsupportedOperations {
  const operations: Record<string, OperationModel> = {};
  const wholePaths = new Map<string, string>();
  for (const line of unsupported) {
    const [name = '', method = 'POST', requestUri = '/'] = line.split(' ');
    operations[name] = { name, http: { method, requestUri } };
    if (!/[{?]/.test(requestUri) && requestUri !== '/') wholePaths.set(`${method} ${requestUri}`, name);
  }
  const route = restRouter({ metadata: model.metadata, operations, shapes: {} });
  return {
    has: (name) => Object.hasOwn(operations, name),
    byWholePath: (method, path) => wholePaths.get(`${method} ${path}`),
    at: (...request) => route(...request)?.operation.name,
  };
}

/** Services that nagare does not have, by the names in targets and in credential scopes. */
const services: Readonly<Record<string, string>> = {
  apigateway: 'API Gateway',
  athena: 'Athena',
  cloudformation: 'CloudFormation',
  'cognito-idp': 'Cognito',
  dynamodb: 'DynamoDB',
  dynamodbstreams: 'DynamoDB Streams',
  ec2: 'EC2',
  ecr: 'ECR',
  ecs: 'ECS',
  events: 'EventBridge',
  kafka: 'MSK',
  kinesisanalytics: 'Managed Service for Apache Flink',
  kinesisvideo: 'Kinesis Video Streams',
  kms: 'KMS',
  pipes: 'EventBridge Pipes',
  scheduler: 'EventBridge Scheduler',
  secretsmanager: 'Secrets Manager',
  ses: 'SES',
  sqs: 'SQS',
  ssm: 'Systems Manager',
  states: 'Step Functions',
  amazonathena: 'Athena',
  amazonec2containerregistry: 'ECR',
  amazonec2containerservice: 'ECS',
  amazonsqs: 'SQS',
  amazonssm: 'Systems Manager',
  awscognitoidentityproviderservice: 'Cognito',
  awsevents: 'EventBridge',
  awsstepfunctions: 'Step Functions',
  trentservice: 'KMS',
};

/** `name` is a target's prefix (`DynamoDB_20120810`) or a signing name (`dynamodb`). */
export function unsupportedService(name: string): string {
  const plain = name.replace(/_\d+$/, '').toLowerCase();
  return `nagare has no ${Object.hasOwn(services, plain) ? services[plain] : name}`;
}
