import { randomUUID } from 'node:crypto';
import type {
  CreateEventSourceMappingRequest,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Targets } from '../../../aws/targets.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Functions } from '../functions.ts';
import {
  functionDoesNotExist,
  unrecognizedEventSource,
  unsupportedEventSource,
  unsupportedOption,
} from './errors.ts';
import { canReportTo } from './failure-report.ts';
import type { MappingRow } from './mapping-row.ts';
import { defaultOptions, isEmpty, withOptions } from './options.ts';
import { parseStart } from './start.ts';

export type CreateMapping = Checked<CreateEventSourceMappingRequest>;
export type UpdateMapping = Checked<UpdateEventSourceMappingRequest>;

interface InputContext {
  readonly functions: Functions;
  /** Determines which ARNs can be failure destinations. */
  readonly targets: Targets;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}

const sourceForm = /^(?<stream>arn:aws[\w-]*:kinesis:[^:]*:\d{12}:stream\/[^/:]+)(\/consumer\/[^/:]+:\d+)?$/;
const createOnlyUnsupported = ['SelfManagedEventSource', 'Tags', 'Topics', 'Queues'] as const;

/** Throws InvalidParameterValueException. */
export function newRow(context: InputContext, input: CreateMapping): MappingRow {
  const { clock, region, accountId } = context;
  const checked = checkInput(context, input);
  const uuid = randomUUID();
  return {
    uuid,
    arn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    ...checked,
    ...functionOf(context, input.FunctionName),
    enabled: input.Enabled ?? true,
    lastModifiedMs: clock.now(),
    deleting: false,
  };
}

/** The part of a new row that does not need the function, which may be created later. */
export function checkInput(
  { clock, targets }: InputContext,
  input: CreateMapping,
): Pick<MappingRow, 'streamArn' | 'sourceArn' | 'options' | 'start'> {
  for (const member of createOnlyUnsupported) {
    if (!isEmpty(input[member])) throw unsupportedOption(member);
  }
  const arn = input.EventSourceArn;
  if (arn === undefined) throw unrecognizedEventSource();
  const streamArn = sourceForm.exec(arn)?.groups?.['stream'];
  if (streamArn === undefined) throw unsupportedEventSource(arn);
  const start = parseStart(input, clock.now());
  const options = withOptions(defaultOptions, input, (destination) => canReportTo(targets, destination));
  return { streamArn, sourceArn: arn, options, start };
}

/** Throws InvalidParameterValueException. */
export function updatedRow(context: InputContext, before: MappingRow, input: UpdateMapping): MappingRow {
  const { clock, targets } = context;
  return {
    ...before,
    ...(input.FunctionName === undefined ? {} : functionOf(context, input.FunctionName)),
    enabled: input.Enabled ?? before.enabled,
    options: withOptions(before.options, input, (arn) => canReportTo(targets, arn)),
    lastModifiedMs: clock.now(),
  };
}

function functionOf(
  { functions }: InputContext,
  name: string,
): Pick<MappingRow, 'functionName' | 'functionArn'> {
  const found = functions.describe(name);
  if (found === undefined) throw functionDoesNotExist();
  const qualifier = name.endsWith(':$LATEST') ? ':$LATEST' : '';
  return { functionName: found.name, functionArn: found.arn + qualifier };
}
