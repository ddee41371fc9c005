import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { callKeyOf } from '../../../engine/idempotency-key.ts';
import { cloudWatchLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  notSupported,
} from '../errors.ts';
import { metricNameOf } from '../metrics/metric-input.ts';
import { type MetricSample, sampleOf } from '../metrics/metric-store.ts';
import { addSample, emptySet, type StatisticSet } from '../metrics/statistic-set.ts';

const VALUE_MAX = 2 ** 360;

/**
 * Adds samples to metrics; they are durable, and visible to queries, when the call returns. Of values
 * their distribution is stored too, so that they have percentiles, which statistic sets have not. A retry with the same
 * amz-sdk-invocation-id adds nothing again. EntityMetricData is refused.
 */
export async function putMetricData(
  { store, clock }: CloudWatchContext,
  input: Checked<PutMetricDataInput>,
  { invocationId }: CallContext,
): Promise<void> {
  if (input.EntityMetricData !== undefined) throw notSupported('EntityMetricData');
  if (input.StrictEntityValidation === true) throw notSupported('StrictEntityValidation');
  const datums = input.MetricData;
  if (datums === undefined) throw missingParameter('The parameter MetricData is required.');
  if (datums.length === 0) throw missingParameter('The parameter MetricData must not be empty.');
  if (datums.length > cloudWatchLimits.metricDatumsPerPutMax) {
    throw invalidParameterValue(
      `The collection MetricData must not have a size greater than ${cloudWatchLimits.metricDatumsPerPutMax}.`,
    );
  }
  const nowMs = clock.now();
  const samples = datums.map((datum, index) => parseDatum(input.Namespace, datum, index + 1, nowMs));
  const content = Buffer.from(invocationId === undefined ? '' : JSON.stringify(input));
  await store.add(samples, callKeyOf(invocationId, 'cloudwatch.metrics', content));
}

function parseDatum(
  namespace: string,
  datum: Checked<MetricDatum>,
  position: number,
  nowMs: number,
): MetricSample {
  const place = `MetricData.member.${position}`;
  const timeMs = datum.Timestamp?.getTime() ?? nowMs;
  if (timeMs < nowMs - cloudWatchLimits.metricPastMs || timeMs > nowMs + cloudWatchLimits.metricFutureMs) {
    throw invalidParameterValue(
      `The parameter ${place}.Timestamp must specify a time within the past two weeks and up to two hours into the future.`,
    );
  }
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidParameterValue(`The parameter ${place}.StorageResolution must be 1 or 60.`);
  }
  return sampleOf(metricNameOf(namespace, datum.MetricName, datum.Dimensions), {
    timeMs,
    unit: datum.Unit ?? 'None',
    set: parseValues(datum, place),
    highResolution: resolution === 1,
  });
}

function parseValues(datum: Checked<MetricDatum>, place: string): StatisticSet {
  const given = [datum.Value, datum.StatisticValues, datum.Values].filter((member) => member !== undefined);
  if (given.length === 0) {
    throw missingParameter(
      `At least one of the parameters ${place}.Value, ${place}.Values and ${place}.StatisticValues must be specified.`,
    );
  }
  // AWS accepts Values beside StatisticValues and stores the StatisticValues.
  if (given.length > 1 && datum.Value !== undefined) {
    throw invalidParameterCombination(
      `The parameters ${place}.Value, ${place}.Values and ${place}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  }
  const told =
    datum.StatisticValues === undefined
      ? undefined
      : parseSet(datum.StatisticValues, `${place}.StatisticValues`);
  if (told !== undefined && datum.Values === undefined) return told;
  const set = emptySet();
  const values = datum.Value === undefined ? (datum.Values ?? []) : [datum.Value];
  const counts = datum.Counts ?? values.map(() => 1);
  if (values.length === 0) throw missingParameter(`The parameter ${place}.Values must not be empty.`);
  if (values.length > cloudWatchLimits.metricValuesPerDatumMax) {
    throw invalidParameterValue(
      `The collection ${place}.Values must not have a size greater than ${cloudWatchLimits.metricValuesPerDatumMax}.`,
    );
  }
  if (datum.Value !== undefined && datum.Counts !== undefined) {
    throw invalidParameterCombination(`${place}.Counts can only be specified together with ${place}.Values.`);
  }
  if (counts.length !== values.length) {
    throw invalidParameterValue(`${place}.Values and ${place}.Counts must be of the same size.`);
  }
  for (const [index, value] of values.entries()) {
    const count = finite(counts[index] ?? 1, `${place}.Counts.member.${index + 1}`);
    if (count <= 0) {
      throw invalidParameterValue(
        `The value ${count} for parameter ${place}.Counts.member.${index + 1} is invalid.`,
      );
    }
    addSample(
      set,
      finite(value, datum.Value === undefined ? `${place}.Values.member.${index + 1}` : `${place}.Value`),
      count,
    );
  }
  return told ?? set;
}

function parseSet(given: Checked<NonNullable<MetricDatum['StatisticValues']>>, place: string): StatisticSet {
  const set = {
    sampleCount: finite(given.SampleCount, `${place}.SampleCount`),
    sum: finite(given.Sum, `${place}.Sum`),
    minimum: finite(given.Minimum, `${place}.Minimum`),
    maximum: finite(given.Maximum, `${place}.Maximum`),
  };
  if (set.sampleCount <= 0) {
    throw invalidParameterValue(`The parameter ${place}.SampleCount must be greater than 0.`);
  }
  if (set.minimum > set.maximum) {
    throw invalidParameterValue(`The parameter ${place}.Maximum must be greater than ${place}.Minimum.`);
  }
  return set;
}

function finite(value: number, place: string): number {
  if (!Number.isFinite(value) || Math.abs(value) > VALUE_MAX) {
    throw invalidParameterValue(`The value ${value} for parameter ${place} is invalid.`);
  }
  return value;
}
