import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { processingLimits } from '../../../delivery/processing/limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument } from '../errors.ts';

type Processing = Checked<ProcessingConfiguration>;
type Processor = NonNullable<Processing['Processors']>[number];
type Parameter = NonNullable<Processor['Parameters']>[number];

/** As recorded on AWS: an update that does not say whether processing is enabled keeps that, but not the processors. */
export function updatedProcessing(
  present: Processing | undefined,
  given: Processing | undefined,
): Processing {
  const { Enabled = false, Processors = [] } = present ?? {};
  if (given === undefined) return { Enabled, Processors };
  return { Enabled: given.Enabled ?? Enabled, Processors: given.Processors ?? [] };
}

/** Throws InvalidArgumentException, as recorded on AWS. */
export function checkProcessingUpdate(
  present: Processing | undefined,
  updated: Processing | undefined,
): void {
  if (!runs(updated, 'Decompression') || runs(present, 'Decompression') || runs(present, 'Lambda')) return;
  throw invalidArgument(
    'Enabling source decompression is not supported for existing stream with no Lambda function attached.',
  );
}

/**
 * In the form in which AWS describes processors that it has accepted (as recorded): with defaults, in its order, and
 * without parameters that mean nothing. `roleArn` is the destination's.
 */
export function canonicalProcessing(
  { Enabled = false, Processors = [] }: Processing,
  roleArn: string,
): Processing {
  return { Enabled, Processors: Processors.map((one) => canonicalProcessor(one, roleArn)) };
}

function canonicalProcessor({ Type, Parameters = [] }: Processor, roleArn: string): Processor {
  const value = (name: string): string | undefined =>
    Parameters.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;
  switch (Type) {
    case 'Lambda': {
      const { lambdaRetriesDefault, lambdaBufferMiBDefault, lambdaBufferSecondsDefault } = processingLimits;
      return {
        Type,
        Parameters: [
          parameter('LambdaArn', value('LambdaArn') ?? ''),
          parameter('NumberOfRetries', value('NumberOfRetries') ?? `${lambdaRetriesDefault}`),
          parameter('RoleArn', value('RoleArn') ?? roleArn),
          parameter('BufferSizeInMBs', value('BufferSizeInMBs') ?? `${lambdaBufferMiBDefault}`),
          parameter(
            'BufferIntervalInSeconds',
            value('BufferIntervalInSeconds') ?? `${lambdaBufferSecondsDefault}`,
          ),
        ],
      };
    }
    case 'Decompression':
      return { Type, Parameters: [parameter('CompressionFormat', 'GZIP')] };
    case 'CloudWatchLogProcessing': {
      const extraction = value('DataMessageExtraction') ?? '';
      return { Type, Parameters: [parameter('DataMessageExtraction', extraction.toLowerCase())] };
    }
    case 'AppendDelimiterToRecord':
      return { Type, Parameters: [] };
    case 'MetadataExtraction':
    case 'RecordDeAggregation':
      return { Type, Parameters };
  }
}

function parameter(ParameterName: Parameter['ParameterName'], ParameterValue: string): Parameter {
  return { ParameterName, ParameterValue };
}

function runs({ Enabled = false, Processors = [] }: Processing = {}, type: Processor['Type']): boolean {
  return Enabled && Processors.some(({ Type }) => Type === type);
}
