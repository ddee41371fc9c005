import { randomUUID } from 'node:crypto';
import type {
  CreateEventSourceMappingRequest,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Targets } from '../../../aws/targets.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { Clock } from '../../../support/clock.ts';
import { canReportTo } from '../destinations.ts';
import type { Functions } from '../functions.ts';
import type { MessageQueues } from '../../sqs/message-queues.ts';
import { withLambdaTags } from '../tags.ts';
import {
  functionDoesNotExist,
  queueNotFound,
  unrecognizedEventSource,
  unsupportedEventSource,
  unsupportedOption,
} from './errors.ts';
import {
  isQueueMapping,
  type MappingRow,
  type QueueMappingRow,
  type StreamMappingRow,
} from './mapping-row.ts';
import { defaultOptions, isEmpty, withOptions } from './options.ts';
import {
  checkVisibility,
  defaultQueueOptions,
  refuseStart,
  withQueueOptions,
} from './queues/queue-options.ts';
import { parseStart } from './start.ts';

export type CreateMapping = Checked<CreateEventSourceMappingRequest>;
export type UpdateMapping = Checked<UpdateEventSourceMappingRequest>;

interface InputContext {
  readonly functions: Functions;
  readonly queues: MessageQueues;
  /** Determines which ARNs can be failure destinations. */
  readonly targets: Targets;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}

const sourceForm = /^(?<stream>arn:aws[\w-]*:kinesis:[^:]*:\d{12}:stream\/[^/:]+)(\/consumer\/[^/:]+:\d+)?$/;
const queueForm = /^arn:aws[\w-]*:sqs:[^:]*:\d{12}:[\w-]{1,80}(?<fifo>\.fifo)?$/;
const createOnlyUnsupported = ['SelfManagedEventSource', 'Topics', 'Queues'] as const;

export function isQueueArn(arn: string): boolean {
  return queueForm.test(arn);
}

/** Throws InvalidParameterValueException. */
export function newRow(context: InputContext, input: CreateMapping): MappingRow {
  const { clock, region, accountId } = context;
  const checked = checkInput(context, input);
  const functionParts = functionOf(context, input.FunctionName);
  if ('queueArn' in checked) checkQueue(context, checked.queueArn, functionParts.functionArn);
  const uuid = randomUUID();
  return {
    uuid,
    arn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    ...checked,
    ...functionParts,
    enabled: input.Enabled ?? true,
    lastModifiedMs: clock.now(),
    deleting: false,
    tags: withLambdaTags({}, input.Tags ?? {}),
  };
}

type CheckedInput =
  | Pick<StreamMappingRow, 'streamArn' | 'sourceArn' | 'options' | 'start'>
  | Pick<QueueMappingRow, 'queueArn' | 'sourceArn' | 'options'>;

/** The part of a new row that does not need the function, which may be created later. */
export function checkInput({ clock, targets }: InputContext, input: CreateMapping): CheckedInput {
  for (const member of createOnlyUnsupported) {
    if (!isEmpty(input[member])) throw unsupportedOption(member);
  }
  const arn = input.EventSourceArn;
  if (arn === undefined) throw unrecognizedEventSource();
  const queue = queueForm.exec(arn);
  if (queue !== null) {
    refuseStart(input);
    const isFifo = queue.groups?.['fifo'] !== undefined;
    const options = withQueueOptions(defaultQueueOptions, input, { isFifo });
    return { queueArn: arn, sourceArn: arn, options };
  }
  const streamArn = sourceForm.exec(arn)?.groups?.['stream'];
  if (streamArn === undefined) throw unsupportedEventSource(arn);
  const start = parseStart(input, clock.now());
  const options = withOptions(defaultOptions, input, (destination) => canReportTo(targets, destination));
  return { streamArn, sourceArn: arn, options, start };
}

/** Throws InvalidParameterValueException. */
export function updatedRow(context: InputContext, before: MappingRow, input: UpdateMapping): MappingRow {
  const changed = {
    ...before,
    ...(input.FunctionName === undefined ? {} : functionOf(context, input.FunctionName)),
    enabled: input.Enabled ?? before.enabled,
    lastModifiedMs: context.clock.now(),
  };
  if (!isQueueMapping(changed)) {
    return {
      ...changed,
      options: withOptions(before.options, input, (arn) => canReportTo(context.targets, arn)),
    };
  }
  const isFifo = changed.queueArn.endsWith('.fifo');
  const options = withQueueOptions(before.options, input, { isFifo });
  checkQueue(context, changed.queueArn, changed.functionArn);
  return { ...changed, options };
}

/** Throws InvalidParameterValueException for a queue that is missing, or whose messages become visible too early. */
function checkQueue({ queues, functions }: InputContext, queueArn: string, functionArn: string): void {
  const queue = queues.describe(queueArn);
  if (queue === undefined) throw queueNotFound();
  const info = functions.describe(functionArn);
  if (info !== undefined) checkVisibility(queue, info);
}

function functionOf(
  { functions }: InputContext,
  name: string,
): Pick<MappingRow, 'functionName' | 'functionArn'> {
  const found = functions.describe(name);
  if (found === undefined) throw functionDoesNotExist();
  return { functionName: found.name, functionArn: found.qualifiedArn };
}
