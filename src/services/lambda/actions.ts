import { formatArn, parseArn } from '../../aws/arn.ts';
import {
  addedTags,
  type Authorization,
  type AuthorizationRule,
  creationOf,
  type Need,
  onAll,
  passRole,
  requestTags,
  rulesFor,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import type { LambdaReads } from './context.ts';
import { functionArn, parseFunctionName } from './names.ts';

const SERVICE = 'lambda.amazonaws.com';

interface FunctionInput {
  readonly FunctionName: string;
  readonly Qualifier?: string;
}

interface MappingInput {
  readonly UUID: string;
  readonly FunctionName?: string;
}

interface CodeInput {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
}

interface LayerInput {
  readonly LayerName: string;
  readonly VersionNumber: number;
  readonly Content: CodeInput;
}

interface OptionsInput extends FunctionInput {
  readonly Role?: string;
  readonly Layers?: readonly string[];
  readonly Tags?: Tags;
  readonly Code?: CodeInput;
}

type Tags = Readonly<Record<string, string>>;

const operationsOn = {
  function: [
    'CreateAlias',
    'DeleteAlias',
    'DeleteFunction',
    'DeleteFunctionConcurrency',
    'DeleteFunctionEventInvokeConfig',
    'GetAlias',
    'GetFunction',
    'GetFunctionCodeSigningConfig',
    'GetFunctionConcurrency',
    'GetFunctionConfiguration',
    'GetFunctionEventInvokeConfig',
    'GetFunctionRecursionConfig',
    'GetPolicy',
    'GetRuntimeManagementConfig',
    'ListAliases',
    'ListFunctionEventInvokeConfigs',
    'ListVersionsByFunction',
    'PublishVersion',
    'PutFunctionConcurrency',
    'PutFunctionEventInvokeConfig',
    'PutFunctionRecursionConfig',
    'PutRuntimeManagementConfig',
    'RemovePermission',
    'UpdateAlias',
    'UpdateFunctionEventInvokeConfig',
  ],
} as const;

/** What the operations of Lambda need (service authorization reference, AWS Lambda). */
export function lambdaAuthorization(
  context: Pick<LambdaReads, 'functions' | 'layers' | 'mappings'>,
): Authorization {
  const { functions, layers, mappings } = context;
  const { place } = functions;
  const arnOf = (name: string): string => functionArn(parseFunctionName(name, place).name, place);
  const onFunction: AuthorizationRule = ({ FunctionName }: FunctionInput) => arnOf(FunctionName);
  const onMapping: AuthorizationRule = ({ UUID, FunctionName }: MappingInput) => {
    const resource = mappingArn(UUID);
    const present = mappings.functionOf(UUID);
    const needs = [{ resource, keys: { 'lambda:functionarn': present } }];
    if (FunctionName === undefined) return needs;
    return [...needs, { resource, keys: { 'lambda:functionarn': arnOf(FunctionName) } }];
  };
  const mappingArn = (uuid: string): string => formatArn('lambda', place, `event-source-mapping:${uuid}`);
  /** The resource of a tagging operation, as it is found: by its name, in this account. */
  const tagged = (arn: string): string => {
    const [kind, name = ''] = (parseArn(arn)?.resource ?? '').split(':');
    return kind === 'event-source-mapping' ? mappingArn(name) : arnOf(arn);
  };
  const rules = {
    ...layerRules(layers),
    ...rulesFor(onFunction, operationsOn.function),
    ...rulesFor(onMapping, [
      'DeleteEventSourceMapping',
      'GetEventSourceMapping',
      'GetEventSourceMappingProgress',
      'RewindEventSourceMapping',
      'SkipEventSourceMappingBatch',
      'UpdateEventSourceMapping',
    ]),
    ...rulesFor(onAll, ['GetAccountSettings', 'ListEventSourceMappings', 'ListFunctions']),
    AddPermission: (input: FunctionInput & { readonly Principal: string }) => ({
      resource: arnOf(input.FunctionName),
      keys: { 'lambda:principal': input.Principal },
    }),
    CreateEventSourceMapping: ({ FunctionName, Tags: tags }: FunctionInput & { readonly Tags?: Tags }) => [
      { resource: '*', keys: { 'lambda:functionarn': arnOf(FunctionName), ...requestTags(tags) } },
      ...addedTags(mappingArn('*'), requestTags(tags), 'lambda:TagResource'),
    ],
    CreateFunction: (input: OptionsInput) => functionNeeds(arnOf(input.FunctionName), input),
    Invoke: ({ FunctionName, Qualifier }: FunctionInput) => ({
      action: 'lambda:InvokeFunction',
      resource: parseFunctionName(FunctionName, place, Qualifier).arn,
    }),
    InvokeAsync: ({ FunctionName }: FunctionInput) => ({
      action: 'lambda:InvokeFunction',
      resource: arnOf(FunctionName),
    }),
    ListTags: ({ Resource }: { readonly Resource: string }) => tagged(Resource),
    TagResource: ({ Resource, Tags: tags }: { readonly Resource: string; readonly Tags: Tags }) => ({
      resource: tagged(Resource),
      keys: requestTags(tags),
    }),
    UntagResource: (input: { readonly Resource: string; readonly TagKeys: readonly string[] }) => ({
      resource: tagged(input.Resource),
      keys: tagKeys(input.TagKeys),
    }),
    UpdateFunctionCode: (input: FunctionInput & CodeInput) => [
      arnOf(input.FunctionName),
      ...codeNeeds(input),
    ],
    UpdateFunctionConfiguration: (input: OptionsInput) => functionNeeds(arnOf(input.FunctionName), input),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'lambda',
    rules,
    tagsOf: (arn) => tagsOf(context, arn),
  };
}

function layerRules(layers: LambdaReads['layers']) {
  const onLayerVersion: AuthorizationRule = ({ LayerName, VersionNumber }: LayerInput) =>
    `${layers.arn(layers.nameOf(LayerName))}:${VersionNumber}`;
  return {
    DeleteLayerVersion: onLayerVersion,
    GetLayerVersion: onLayerVersion,
    GetLayerVersionByArn: ({ Arn }: { readonly Arn: string }) => ({
      action: 'lambda:GetLayerVersion',
      resource: Arn,
    }),
    ListLayerVersions: onAll,
    ListLayers: onAll,
    PublishLayerVersion: ({ LayerName, Content }: LayerInput) => [
      layers.arn(layers.nameOf(LayerName)),
      ...codeNeeds(Content),
    ],
  };
}

function functionNeeds(resource: string, { Role, Layers = [], Tags: tags, Code }: OptionsInput): Need[] {
  return [
    ...creationOf(resource, requestTags(tags), 'lambda:TagResource', { 'lambda:layer': Layers }),
    ...passRole(Role, SERVICE, resource),
    ...Layers.map((layer) => ({ action: 'lambda:GetLayerVersion', resource: layer })),
    ...codeNeeds(Code),
  ];
}

/** Lambda reads the code of a bucket with the caller's permission. */
function codeNeeds({ S3Bucket, S3Key }: CodeInput = {}): Need[] {
  if (S3Bucket === undefined) return [];
  return [{ action: 's3:GetObject', resource: `arn:aws:s3:::${S3Bucket}/${S3Key ?? ''}` }];
}

/** Layers have no tags. */
function tagsOf(
  { functions, mappings }: Pick<LambdaReads, 'functions' | 'mappings'>,
  arn: string,
): Tags | undefined {
  const [kind, name = ''] = parseArn(arn)?.resource.split(':') ?? [];
  if (kind === 'event-source-mapping') return mappings.tagsOf(name);
  return kind === 'function' ? functions.get(name)?.definition.tags : undefined;
}
