import type { Dimension as DimensionInput } from '@aws-sdk/client-cloudwatch';
import type { Checked } from '../../../protocol/service.ts';
import { invalidParameterValue } from '../errors.ts';
import type { Dimension, MetricName } from './metric-identity.ts';

/** The metric in an operation's input. */
export function metricNameOf(
  namespace: string,
  name: string,
  dimensions: readonly Checked<DimensionInput>[] | undefined,
): MetricName {
  return { namespace, name, dimensions: dimensionsOf(dimensions) };
}

export function dimensionsOf(dimensions: readonly Checked<DimensionInput>[] | undefined): Dimension[] {
  const seen = new Set<string>();
  return (dimensions ?? []).map(({ Name, Value }) => {
    if (seen.has(Name)) throw invalidParameterValue(`The dimension ${Name} is given more than once.`);
    seen.add(Name);
    return { name: Name, value: Value };
  });
}

export function dimensionsOutput(dimensions: readonly Dimension[]): { Name: string; Value: string }[] {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }));
}

/** In seconds: 1, 5, 10, 20, 30, or full minutes. */
export function checkPeriod(period: number, parameter: string): void {
  if ([1, 5, 10, 20, 30].includes(period) || (period >= 60 && period % 60 === 0)) return;
  throw invalidParameterValue(
    `The parameter ${parameter} must be 1, 5, 10, 20, 30, or a multiple of 60; it is ${period}.`,
  );
}
