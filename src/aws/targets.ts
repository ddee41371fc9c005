import { ServiceError } from '../errors.ts';
import { parseArn } from './arn.ts';

/** An event for a target. Each kind of target uses the part that is meant for it. */
export interface TargetEvent {
  /** JSON: the payload for a function, and the message for a topic or queue. */
  readonly message: string;
  /** A notification's subject. */
  readonly subject?: string;
  /** The object for a bucket. Buckets cannot receive an event without it. */
  readonly object?: { readonly key: string; readonly body: string };
}

/** A service whose resources can receive events. */
export interface Target {
  /** Whether the ARN has the form of its resources; the resource itself need not exist. */
  accepts(arn: string): boolean;
  /**
   * Resolves when the resource has the event durably. Throws ServiceError, a final one if the resource does not
   * exist.
   */
  deliver(arn: string, event: TargetEvent): Promise<void>;
}

/**
 * Delivers events by ARN: actions of alarms, failure destinations and subscriptions use it without knowing the
 * services behind it. Each service registers itself under its name in ARNs (`sns`, `lambda`, `s3`).
 */
export class Targets {
  readonly #targets = new Map<string, Target>();

  register(service: string, target: Target): void {
    this.#targets.set(service, target);
  }

  /** The service that receives events for this ARN; undefined if there is none. */
  serviceOf(arn: string): string | undefined {
    const service = parseArn(arn)?.service;
    const target = service === undefined ? undefined : this.#targets.get(service);
    return target?.accepts(arn) === true ? service : undefined;
  }

  /** Resolves when the event is durable at the target. Throws ServiceError. */
  async deliver(arn: string, event: TargetEvent): Promise<void> {
    const service = this.serviceOf(arn);
    const target = service === undefined ? undefined : this.#targets.get(service);
    if (target === undefined) throw new ServiceError('InvalidParameter', `${arn} cannot receive events`);
    await target.deliver(arn, event);
  }
}

/** Whether the target will never accept the event, so that a retry is useless. */
export function isFinalFailure(error: unknown): boolean {
  return error instanceof ServiceError && error.status < 500 && error.status !== 429;
}
