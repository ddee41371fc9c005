import type { CreateDeliveryStreamInput } from '@aws-sdk/client-firehose';
import { isDeepStrictEqual } from 'node:util';
import { formatArn } from '../../aws/arn.ts';
import { section } from '../../config/declarations.ts';
import {
  described,
  namesTo,
  oneOf,
  optional,
  text,
  variable,
  wholeNumber,
  type ValueOf,
} from '../../config/yaml-reader.ts';
import { declaredName, ModelInput } from '../../declarations/model-reader.ts';
import type { Declarer, PlanStep } from '../../declarations/plan.ts';
import type { Environment } from '../../delivery/database/postgres-address.ts';
import { DeclarationError } from '../../errors.ts';
import type { ServiceModel, Shape } from '../../protocol/model.ts';
import type { Checked } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import {
  databaseReader,
  databaseTarget,
  type DeclaredDatabase,
  newDatabaseSettings,
} from './configuration/database.ts';
import { areSame, newDestination, type StoredDestination } from './configuration/destination.ts';
import { newEncryption } from './configuration/encryption.ts';
import { bucketOf } from './configuration/s3.ts';
import { newSource, type NewSource } from './configuration/source.ts';
import type { DeliveryStreams } from './delivery-streams.ts';
import type { NewDeliveryStream } from './new-delivery-stream.ts';
import { invalidArgument } from './errors.ts';
import type { DeliveryStreamRow, Source } from './rows.ts';
import { describeDeliveryStreams } from './description.ts';
import { taggedWith } from './tags.ts';

type Input = Checked<CreateDeliveryStreamInput>;

/** Options that have no effect here, or are refused. */
const LEFT_OUT = ['EncryptionConfiguration', 'OrcSerDe', 'SecretsManagerConfiguration'];

/** A declaration does not have to name roles: without one, no policies limit what it does. */
const shapes: ServiceModel['shapes'] = Object.fromEntries(
  Object.entries<Shape>(api.shapes).map(([name, shape]) => {
    const { members = {}, required = [] } = shape;
    const kept = Object.entries(members).filter(([member]) => !LEFT_OUT.includes(member));
    const needed = required.filter((member) => member !== 'RoleARN');
    const isStructure = shape.type === 'structure';
    return [name, isStructure ? { ...shape, members: Object.fromEntries(kept), required: needed } : shape];
  }),
);

const input = new ModelInput<Input>({ ...api, shapes }, 'CreateDeliveryStreamInput');

const deliveryStream = input.reader({
  members: [
    'ExtendedS3DestinationConfiguration',
    'IcebergDestinationConfiguration',
    'HttpEndpointDestinationConfiguration',
    'DirectPutSourceConfiguration',
    'DeliveryStreamEncryptionConfigurationInput',
  ],
  own: {
    stream: optional(
      described('The Kinesis stream to read, by name or ARN; without it, records are put directly', text()),
    ),
    startingPosition: optional(
      described(
        'Where a new delivery stream starts to read its stream; default LATEST',
        oneOf('LATEST', 'TRIM_HORIZON'),
      ),
    ),
    retentionHours: optional(
      described(
        'Age in hours at which undelivered direct puts are dropped; never by default',
        wholeNumber(1),
      ),
    ),
    database: optional(
      described('A database as the destination, instead of those of the API', databaseReader),
    ),
    tags: optional(described('Tags of the delivery stream', namesTo(variable))),
  },
});

export const deliveryStreamsSection = section('deliveryStreams', deliveryStream);

type Declared = ValueOf<typeof deliveryStream>;

interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly environment: Environment;
  readonly sharesLog?: boolean | undefined;
}

type PlaceInFile = Place & { readonly baseDir: string };

/** Delivery streams of `nagare.yaml`. Changed declarations change the destination and the tags of existing ones. */
export function deliveryStreamDeclarer(deliveryStreams: DeliveryStreams, place: Place): Declarer {
  return {
    plan: (declarations, { baseDir }) =>
      declarations.entries(deliveryStreamsSection).map(({ name, path, value }) => ({
        resource: ['deliveryStreams', name],
        path,
        readsStreams: true,
        check: () => plan(deliveryStreams, name, value, { ...place, baseDir }),
      })),
    describe: () => describeDeliveryStreams(deliveryStreams),
    find: ([, name = '']) =>
      deliveryStreams.get(name) === undefined
        ? undefined
        : { remove: () => deliveryStreams.delete(name, false) },
  };
}

/** Validates a declaration as the API validates a request. Throws ServiceError, DeclarationError. */
function plan(
  deliveryStreams: DeliveryStreams,
  name: string,
  declared: Declared,
  place: PlaceInFile,
): PlanStep {
  const { stream, startingPosition, tags: declaredTags = {}, database } = declared.own;
  const request = requestOf(name, declared, place);
  const violations = input.violations(request);
  if (violations !== undefined) throw invalidArgument(violations);
  const source = sourceOf(request, declared);
  const destination =
    database === undefined
      ? newDestination(request, { sourceType: source.type, streamName: name })
      : databaseOf(database, request, place);
  const tags = taggedWith({}, tagList(declaredTags));
  const encryption =
    request.DeliveryStreamEncryptionConfigurationInput &&
    newEncryption(request.DeliveryStreamEncryptionConfigurationInput);
  const wanted = {
    name,
    source,
    destination,
    withoutRole: withoutRole(place),
    ...(encryption !== undefined && { encryption }),
    tags,
    ...(startingPosition !== undefined && { start: startingPosition }),
  };
  const present = deliveryStreams.get(name);
  if (present !== undefined) return changeOf(deliveryStreams, present.row, wanted);
  return {
    action: 'create',
    details: `${stream ?? 'direct puts'} to ${targetOf(destination)}`,
    async apply() {
      await deliveryStreams.create(wanted);
    },
  };
}

/** Throws DeclarationError, ServiceError. */
function databaseOf(database: DeclaredDatabase, request: Input, place: PlaceInFile): StoredDestination {
  const others = Object.keys(request).filter((member) => member.endsWith('DestinationConfiguration'));
  if (others.length === 0) return { kind: 'Database', settings: newDatabaseSettings(database, place) };
  throw new DeclarationError(
    `database and ${declaredName(others[0] ?? '')}: a delivery stream has one destination`,
  );
}

function changeOf(
  deliveryStreams: DeliveryStreams,
  row: DeliveryStreamRow,
  wanted: NewDeliveryStream,
): PlanStep {
  const { name, source, destination, withoutRole, encryption, tags } = wanted;
  if (!isSameSource(row.source, source)) {
    throw new DeclarationError(
      `the delivery stream ${name} has another source: declare it under another name, or delete it first (nagare delivery delete ${name})`,
    );
  }
  if (row.destination.kind !== destination.kind) {
    throw new DeclarationError(
      `the delivery stream ${name} has another type of destination: declare it under another name, or delete it first (nagare delivery delete ${name})`,
    );
  }
  const changesDestination = !areSame(row.destination, destination);
  const changesRest =
    !isDeepStrictEqual(row.tags, tags) ||
    !isDeepStrictEqual(row.source, withRetention(row.source, source)) ||
    row.withoutRole !== wanted.withoutRole ||
    (encryption !== undefined && !isDeepStrictEqual(json(row.encryption), json(encryption)));
  if (!changesDestination && !changesRest) return { action: 'leave', async apply() {} };
  return {
    action: 'change',
    details: changesDestination ? 'destination' : 'tags, encryption, retention or roles',
    async apply() {
      if (changesDestination)
        await deliveryStreams.update(name, String(row.version), () => destination, withoutRole);
      if (!changesRest) return;
      await deliveryStreams.change(name, (before) => ({
        ...before,
        source: withRetention(before.source, source),
        tags,
        ...(withoutRole !== undefined && { withoutRole }),
        ...(encryption !== undefined && { encryption }),
      }));
    },
  };
}

function isSameSource(present: Source, wanted: NewSource): boolean {
  if (present.type !== 'KinesisStreamAsSource' || wanted.type !== 'KinesisStreamAsSource') {
    return present.type === wanted.type;
  }
  return present.streamArn === wanted.streamArn;
}

/** Throws InvalidArgumentException. */
function sourceOf(request: Input, { own }: Declared): NewSource {
  const given = newSource(request);
  const source = given.type === 'KinesisStreamAsSource' ? { ...given, isUnlimited: true } : given;
  const { retentionHours } = own;
  if (retentionHours === undefined) return source;
  if (source.type === 'DirectPut') return { ...source, retentionHours };
  throw invalidArgument(
    'retentionHours is only for direct puts. A Kinesis stream has its own retention period.',
  );
}

function withRetention(present: Source, wanted: NewSource): Source {
  if (present.type === 'KinesisStreamAsSource') return { ...present, isUnlimited: true };
  if (wanted.type !== 'DirectPut') return present;
  const { retentionHours: _before, ...rest } = present;
  const { retentionHours } = wanted;
  return { ...rest, ...(retentionHours !== undefined && { retentionHours }) };
}

/** Stands for none. */
function withoutRole({ accountId }: Pick<Place, 'accountId'>): string {
  return `arn:aws:iam::${accountId}:role/nagare`;
}

function requestOf(name: string, { input: given, own }: Declared, place: Place): Input {
  const { stream } = own;
  const roleArn = withoutRole(place);
  return {
    ...withRoles(given, roleArn),
    DeliveryStreamName: name,
    ...(stream === undefined
      ? {}
      : {
          DeliveryStreamType: 'KinesisStreamAsSource' as const,
          KinesisStreamSourceConfiguration: { KinesisStreamARN: arnOf(stream, place), RoleARN: roleArn },
        }),
  };
}

/** Adds `roleArn` to each configuration that needs a role and does not name one. */
function withRoles(given: Partial<Input>, roleArn: string): Partial<Input> {
  const {
    ExtendedS3DestinationConfiguration: s3,
    IcebergDestinationConfiguration: iceberg,
    HttpEndpointDestinationConfiguration: http,
  } = given;
  const withRole = <Part extends { readonly RoleARN?: string }>(part: Part) => ({
    ...part,
    RoleARN: part.RoleARN ?? roleArn,
  });
  const backup = s3?.S3BackupConfiguration;
  return {
    ...given,
    ...(s3 !== undefined && {
      ExtendedS3DestinationConfiguration: {
        ...withRole(s3),
        ...(backup !== undefined && { S3BackupConfiguration: withRole(backup) }),
      },
    }),
    ...(iceberg !== undefined && {
      IcebergDestinationConfiguration: {
        ...withRole(iceberg),
        S3Configuration: withRole(iceberg.S3Configuration),
      },
    }),
    ...(http !== undefined && {
      HttpEndpointDestinationConfiguration: {
        ...withRole(http),
        S3Configuration: withRole(http.S3Configuration),
      },
    }),
  };
}

function arnOf(stream: string, place: Place): string {
  return stream.startsWith('arn:') ? stream : formatArn('kinesis', place, `stream/${stream}`);
}

function tagList(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function targetOf({ kind, settings }: StoredDestination): string {
  if (kind === 'Database') return databaseTarget(settings);
  if (kind === 'S3') return `s3://${bucketOf(settings.BucketARN)}`;
  if (kind === 'HttpEndpoint') return settings.EndpointConfiguration.Url;
  return `tables of ${settings.CatalogConfiguration.CatalogARN}`;
}

/** Removes undefined members, as storing does. */
function json(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
