import type { Targets } from '../../aws/targets.ts';

/** Services whose resources can be destinations of discarded records and of failed invocations. */
const failureServices = new Set(['lambda', 's3', 'sns', 'sqs']);

/** Where a mapping can report discarded records: not to functions, as on AWS. */
export function canReportTo(targets: Targets, arn: string): boolean {
  const service = targets.serviceOf(arn);
  return service !== undefined && service !== 'lambda' && failureServices.has(service);
}

/** Where the records of asynchronous invocations can go: those of successful ones not to buckets, as on AWS. */
export function isDestination(targets: Targets, arn: string, outcome: 'success' | 'failure'): boolean {
  const service = targets.serviceOf(arn);
  return service !== undefined && failureServices.has(service) && (service !== 's3' || outcome === 'failure');
}

/** Where a function's DeadLetterConfig can point. */
export function isDeadLetterTarget(targets: Targets, arn: string): boolean {
  const service = targets.serviceOf(arn);
  return service === 'sns' || service === 'sqs';
}
