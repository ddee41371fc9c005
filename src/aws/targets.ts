import { ServiceError } from '../errors.ts';
import { parseArn } from './arn.ts';

/** What is handed to a target. Each kind of target takes the part that is meant for it. */
export interface TargetEvent {
  /** JSON: what a function is invoked with, and a topic's or queue's message. */
  readonly message: string;
  /** A notification's subject. */
  readonly subject?: string;
  /** What a bucket keeps. Without it, buckets cannot be told. */
  readonly object?: { readonly key: string; readonly body: string };
}

/** A service whose resources can be told of something. */
export interface Target {
  /** Whether it has resources of that ARN's form; the resource itself need not exist. */
  accepts(arn: string): boolean;
  /** Resolves when the resource has the event durably. Throws ServiceError, a final one when there is no such resource. */
  deliver(arn: string, event: TargetEvent): Promise<void>;
}

/**
 * Finds by ARN who is told: alarms' actions, failure destinations and subscriptions hand their events over here, and
 * know none of the services behind. Each service registers itself under its name in ARNs (`sns`, `lambda`, `s3`).
 */
export class Targets {
  readonly #targets = new Map<string, Target>();

  register(service: string, target: Target): void {
    this.#targets.set(service, target);
  }

  /** The service that takes events for this ARN; undefined when there is none. */
  serviceOf(arn: string): string | undefined {
    const service = parseArn(arn)?.service;
    const target = service === undefined ? undefined : this.#targets.get(service);
    return target?.accepts(arn) === true ? service : undefined;
  }

  /** Resolves when the event is durable there. Throws ServiceError. */
  async deliver(arn: string, event: TargetEvent): Promise<void> {
    const service = this.serviceOf(arn);
    const target = service === undefined ? undefined : this.#targets.get(service);
    if (target === undefined) throw new ServiceError('InvalidParameter', `${arn} cannot be told of events`);
    await target.deliver(arn, event);
  }
}

/** Whether a target says that it will never take the event: trying again is of no use. */
export function isFinalFailure(error: unknown): boolean {
  return error instanceof ServiceError && error.status < 500 && error.status !== 429;
}
