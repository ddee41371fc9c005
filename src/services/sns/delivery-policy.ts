import { snsLimits } from './limits.ts';
import { invalidParameter, notSupported } from './errors.ts';

/** How often and when deliveries to HTTP endpoints are retried. */
export interface RetryPolicy {
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

const backoffFunctions = ['linear', 'arithmetic', 'geometric', 'exponential'] as const;
export type BackoffFunction = (typeof backoffFunctions)[number];

/** Three retries, twenty seconds apart. */
export const defaultRetryPolicy: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  numMaxDelayRetries: 0,
  backoffFunction: 'linear',
};

/** The only content type of notifications. */
export const defaultRequestPolicy = { headerContentType: 'text/plain; charset=UTF-8' };

const TOTAL_SECONDS_MAX = 3_600;

/**
 * The delay before the given retry (1 is the first), in seconds; undefined when there is no such retry. Four phases:
 * without delay, with the minimum delay, rising from the minimum to the maximum, with the maximum ("Amazon SNS message
 * delivery retries").
 */
export function retryDelaySeconds(policy: RetryPolicy, retry: number): number | undefined {
  if (retry > policy.numRetries) return undefined;
  let ordinal = retry;
  if (ordinal <= policy.numNoDelayRetries) return 0;
  ordinal -= policy.numNoDelayRetries;
  if (ordinal <= policy.numMinDelayRetries) return policy.minDelayTarget;
  ordinal -= policy.numMinDelayRetries;
  const backoffRetries =
    policy.numRetries - policy.numNoDelayRetries - policy.numMinDelayRetries - policy.numMaxDelayRetries;
  if (ordinal > backoffRetries) return policy.maxDelayTarget;
  const { minDelayTarget: least, maxDelayTarget: most } = policy;
  // 0 at the phase's first retry, 1 at its last.
  const progress = backoffRetries <= 1 ? 0 : (ordinal - 1) / (backoffRetries - 1);
  return least + (most - least) * curve(policy.backoffFunction, progress, backoffRetries);
}

/** The position between minimum and maximum: AWS documents the shapes of the curves, not the formulas. */
function curve(backoff: BackoffFunction, progress: number, steps: number): number {
  switch (backoff) {
    case 'linear':
      return progress;
    case 'arithmetic':
      return progress ** 2;
    case 'exponential':
      return (2 ** (progress * steps) - 1) / (2 ** steps - 1);
    case 'geometric':
      return (3 ** (progress * steps) - 1) / (3 ** steps - 1);
  }
}

/** The retry policy in the DeliveryPolicy attribute of a topic or subscription. Throws InvalidParameter. */
export function parseDeliveryPolicy(text: string, of: 'topic' | 'subscription'): RetryPolicy | undefined {
  const policy = object(parse(text), 'DeliveryPolicy');
  const outer = of === 'topic' ? object(policy['http'] ?? {}, 'http') : policy;
  if (of === 'topic') refuseOthers(policy, ['http']);
  const known =
    of === 'topic'
      ? ['defaultHealthyRetryPolicy', 'disableSubscriptionOverrides', 'defaultRequestPolicy']
      : ['healthyRetryPolicy', 'requestPolicy'];
  refuseOthers(outer, known);
  checkRequestPolicy(outer[of === 'topic' ? 'defaultRequestPolicy' : 'requestPolicy']);
  if (outer['disableSubscriptionOverrides'] === true) throw refused('disableSubscriptionOverrides');
  const given = outer[of === 'topic' ? 'defaultHealthyRetryPolicy' : 'healthyRetryPolicy'];
  return given === undefined || given === null ? undefined : retryPolicy(object(given, 'healthyRetryPolicy'));
}

/** Accepts the content type that nagare always sends, and refuses any other by name. */
function checkRequestPolicy(given: unknown): void {
  if (given === undefined || given === null) return;
  const policy = object(given, 'requestPolicy');
  refuseOthers(policy, Object.keys(defaultRequestPolicy));
  const type = policy['headerContentType'] ?? defaultRequestPolicy.headerContentType;
  if (type !== defaultRequestPolicy.headerContentType) throw refused('headerContentType');
}

function retryPolicy(given: Readonly<Record<string, unknown>>): RetryPolicy {
  refuseOthers(given, Object.keys(defaultRetryPolicy));
  const number = (name: keyof RetryPolicy, least: number, most: number): number => {
    const value = given[name] ?? defaultRetryPolicy[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw wrong(`${name} must be an integer between ${least} and ${most}`);
  };
  const retries = (name: keyof RetryPolicy): number => number(name, 0, snsLimits.retriesMax);
  const minDelayTarget = number('minDelayTarget', 1, snsLimits.retryDelaySecondsMax);
  const backoffFunction = backoffFunctions.find(
    (word) => word === (given['backoffFunction'] ?? defaultRetryPolicy.backoffFunction),
  );
  if (backoffFunction === undefined) throw wrong('backoffFunction is unknown');
  const policy: RetryPolicy = {
    minDelayTarget,
    maxDelayTarget: number('maxDelayTarget', minDelayTarget, snsLimits.retryDelaySecondsMax),
    numRetries: retries('numRetries'),
    numNoDelayRetries: retries('numNoDelayRetries'),
    numMinDelayRetries: retries('numMinDelayRetries'),
    numMaxDelayRetries: retries('numMaxDelayRetries'),
    backoffFunction,
  };
  const phases = policy.numNoDelayRetries + policy.numMinDelayRetries + policy.numMaxDelayRetries;
  if (phases > policy.numRetries)
    throw wrong('numRetries must not be less than the sum of the retries of its phases');
  let total = 0;
  for (let retry = 1; retry <= policy.numRetries; retry++) total += retryDelaySeconds(policy, retry) ?? 0;
  if (total > TOTAL_SECONDS_MAX) throw wrong(`the retries must end within ${TOTAL_SECONDS_MAX} seconds`);
  return policy;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('failed to parse JSON');
  }
}

function object(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${name} must be an object`);
  // It was parsed from JSON and is an object.
  return value as Readonly<Record<string, unknown>>;
}

/** Refuses members that have no effect; `null` counts as absent. */
function refuseOthers(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && !known.includes(name)) throw refused(name);
  }
}

function refused(name: string): Error {
  return notSupported('DeliveryPolicy', `${name} of delivery policies`);
}

function wrong(reason: string): Error {
  return invalidParameter(`DeliveryPolicy: ${reason}`);
}
