import type { Functions } from '../../services/lambda/functions.ts';
import type { Clock } from '../../support/clock.ts';
import type { Processing } from '../spec.ts';
import type { RefusedRecord } from '../destination.ts';
import type { ProcessingSettings } from './configuration.ts';
import { deaggregation, splitDelimited, splitJson } from './deaggregation.ts';
import { decompression, statedSize } from './decompression.ts';
import { appendDelimiter } from './delimiter.ts';
import { lambdaTransform } from './lambda.ts';
import { metadataExtraction } from './metadata-extraction.ts';
import type { Item, ProcessingObserver, Step } from './step.ts';

export interface ProcessingDependencies {
  readonly functions: Pick<Functions, 'invoke'>;
  readonly clock: Clock;
  readonly observer: ProcessingObserver;
}

/** The information that functions get about the source of records. */
export interface ProcessingOrigin {
  readonly deliveryStreamArn: string;
  readonly region: string;
  readonly sourceStreamArn?: string | undefined;
}

/**
 * Creates the processors of a delivery stream. They run in Firehose's order, whatever the order in the configuration.
 * Undefined if there are none.
 */
export function createProcessing(
  settings: ProcessingSettings,
  origin: ProcessingOrigin,
  dependencies: ProcessingDependencies,
): Processing | undefined {
  const steps = stepsOf(settings, origin, dependencies);
  if (steps.length === 0) return undefined;
  return {
    // A function may respond differently next time, and the time limit of regular expressions depends on the machine.
    mayVary: settings.lambda !== undefined || settings.query?.usesRegex === true,
    ...(settings.decompresses && { sizeOf: statedSize }),
    async process(records, { signal, trace }) {
      let items: readonly Item[] = records.map((record) => ({ record, original: record }));
      const refused: RefusedRecord[] = [];
      for (const step of steps) {
        const result = await step.run(items, { signal, trace });
        items = result.items;
        refused.push(...result.refused);
      }
      return { records: items.map(({ record }) => record), refused };
    },
  };
}

function stepsOf(
  settings: ProcessingSettings,
  origin: ProcessingOrigin,
  dependencies: ProcessingDependencies,
): Step[] {
  const { decompresses, extractsMessages, deaggregates, lambda, query, appendsDelimiter } = settings;
  const steps: Step[] = [];
  if (decompresses) steps.push(decompression(extractsMessages));
  if (deaggregates !== undefined) {
    steps.push(deaggregation(deaggregates === 'JSON' ? splitJson : splitDelimited(deaggregates)));
  }
  if (lambda !== undefined) steps.push(lambdaTransform({ ...lambda, ...origin, ...dependencies }));
  if (query !== undefined) steps.push(metadataExtraction(query, dependencies.observer));
  if (appendsDelimiter) steps.push(appendDelimiter());
  return steps;
}
