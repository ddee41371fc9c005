import type { Acting, Actor } from '../auth/authorization/acting.ts';
import type { Permission } from '../auth/authorization/permission.ts';
import { failureName, ServiceError } from '../errors.ts';
import type { TraceContext } from '../support/trace-context.ts';
import { type SpanAttributes, unrecordedWork, type WorkSpans } from '../support/work-spans.ts';
import { parseArn } from './arn.ts';

/** A message attribute of SNS or SQS. */
export interface TargetAttribute {
  /** `String`, `Number` or `Binary`, or one of them with a name of the sender's own: `String.Array`. */
  readonly type: string;
  /** In base64 for Binary. */
  readonly value: string;
}

/** An event for a target. Each kind of target uses the part that is meant for it. */
export interface TargetEvent {
  /** JSON: the payload for a function, and the message for a topic or queue. */
  readonly message: string;
  /** A notification's subject. */
  readonly subject?: string;
  /** Attributes of the message for a topic or queue. */
  readonly attributes?: Readonly<Record<string, TargetAttribute>>;
  /** The message's group, for a fair queue. */
  readonly groupId?: string;
  /** The object for a bucket. Buckets cannot receive an event without it. */
  readonly object?: { readonly key: string; readonly body: string };
  /** Of what has caused the event. */
  readonly trace?: TraceContext | undefined;
}

/** A service whose resources can receive events. */
export interface Target {
  /** Whether the ARN has the form of its resources; the resource itself need not exist. */
  accepts(arn: string): boolean;
  /** What the sender must be allowed to do; without an event, to deliver any. */
  needs(arn: string, event?: TargetEvent): Permission;
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
  readonly #acting: Acting;
  readonly #spans: WorkSpans;

  constructor(acting: Acting, spans: WorkSpans = unrecordedWork) {
    this.#acting = acting;
    this.#spans = spans;
  }

  register(service: string, target: Target): void {
    this.#targets.set(service, target);
  }

  /** The service that receives events for this ARN; undefined if there is none. */
  serviceOf(arn: string): string | undefined {
    const service = parseArn(arn)?.service;
    const target = service === undefined ? undefined : this.#targets.get(service);
    return target?.accepts(arn) === true ? service : undefined;
  }

  /**
   * Delivers the event for the actor, if that may do so now. Resolves when the event is durable at the target. Throws
   * ServiceError; a final one if the actor may not.
   */
  async deliver(arn: string, event: TargetEvent, actor: Actor): Promise<void> {
    const target = this.#targetOf(arn);
    if (target === undefined) throw new ServiceError('InvalidParameter', `${arn} cannot receive events`);
    if (event.trace === undefined) return await this.#send(target, arn, event, actor);
    const name = `send ${nameIn(arn)}`;
    const span = this.#spans.begin({ name, kind: 'producer', causes: [event.trace] });
    const attributes = { 'nagare.sender': actor.sourceArn, ...attributesOf(arn) };
    try {
      await this.#send(target, arn, { ...event, trace: span?.trace }, actor);
    } catch (error) {
      span?.end(attributes, failureName(error));
      throw error;
    }
    span?.end(attributes, undefined);
  }

  async #send(target: Target, arn: string, event: TargetEvent, actor: Actor): Promise<void> {
    if (this.#acting.isLimited) await this.#acting.demand(actor, target.needs(arn, event));
    await target.deliver(arn, event);
  }

  /** The action that the actor may not do, if it may not deliver to the target; for the time of its configuration. */
  async refusedAction(arn: string, actor: Actor): Promise<string | undefined> {
    const permission = this.#targetOf(arn)?.needs(arn);
    if (permission === undefined) return undefined;
    const refusal = await this.#acting.refusalOf(actor, permission);
    return refusal === undefined ? undefined : permission.action;
  }

  #targetOf(arn: string): Target | undefined {
    const service = this.serviceOf(arn);
    return service === undefined ? undefined : this.#targets.get(service);
  }
}

/** By the semantic conventions for messaging, functions and S3. */
function attributesOf(arn: string): SpanAttributes {
  const name = nameIn(arn);
  switch (parseArn(arn)?.service ?? '') {
    case 'sqs':
      return { 'messaging.system': 'aws_sqs', 'messaging.destination.name': name, ...SENDING };
    case 'sns':
      return { 'messaging.system': 'aws.sns', 'messaging.destination.name': name, ...SENDING };
    case 'lambda':
      return { 'faas.invoked_name': name, 'faas.invoked_provider': 'aws' };
    case 's3':
      return { 'aws.s3.bucket': name };
    default:
      return {};
  }
}

const SENDING = { 'messaging.operation.type': 'send' };

/** The name of a queue, topic, function or bucket. */
function nameIn(arn: string): string {
  const resource = parseArn(arn)?.resource ?? '';
  return resource.replace(/^function:/, '').replace(/:.*$/s, '');
}

/** Whether the target will never accept the event, so that a retry is useless. */
export function isFinalFailure(error: unknown): boolean {
  return error instanceof ServiceError && error.status < 500 && error.status !== 429;
}
