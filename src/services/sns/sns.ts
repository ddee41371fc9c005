import { formatArn, parseArn, type RegionAndAccount } from '../../aws/arn.ts';
import type { PolicySource } from '../../aws/resource-policies.ts';
import type { TagSource } from '../../aws/tagged-resources.ts';
import type { TargetEvent, Targets } from '../../aws/targets.ts';
import { register } from '../registration.ts';
import type { Engine } from '../../engine/engine.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { snsAuthorization } from './actions.ts';
import { snsLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { callersTraces, type RequestTraces } from '../../protocol/trace-context.ts';
import type { Clock } from '../../support/clock.ts';
import { Egress } from '../../support/egress.ts';
import { httpPoster } from '../../support/http-post.ts';
import type { Log } from '../../support/log.ts';
import { unrecordedWork, type WorkSpans } from '../../support/work-spans.ts';
import { describeMessages } from './describe-records.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { SnsReads } from './context.ts';
import { topicDeclarer, topicsSection } from './declared.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { Deliveries } from './deliveries.ts';
import { parseMessage } from './message-input.ts';
import { brokenRule } from './filter-policy.ts';
import { operations, reads } from './operations/index.ts';
import { Publisher } from './publisher.ts';
import { RecentAttempts } from './recent-attempts.ts';
import { topicTags } from './tag-source.ts';
import { TopicMetrics } from './topic-metrics.ts';
import { CERTIFICATE_PATH, Signer } from './signer.ts';
import { policyInForce } from './topic-policy.ts';
import { Topics } from './topics.ts';

/** The links in notifications: SubscribeURL contains a token, UnsubscribeURL an ARN that only the subscriber knows. */
const UNSIGNED = ['ConfirmSubscription', 'Unsubscribe'];

export interface SnsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  /** Delivers notifications to functions and queues. */
  readonly targets: Targets;
  /** This server's address as subscribers reach it; the URLs in notifications begin with it. */
  readonly endpoint: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Of deliveries; by default they only pass on the traces of what causes them. */
  readonly spans?: WorkSpans;
  /** The traces of the requests that publish; by default those that callers name. */
  readonly traces?: RequestTraces;
  readonly httpTimeoutMs?: number;
  /** Connects to HTTP subscriptions. */
  readonly egress?: Egress;
}

export interface Sns {
  readonly service: Service;
  /**
   * Publishes for other services, such as alarms. The server is one region: the ARN of a topic in another one refers to
   * the topic of that name here. Throws the ServiceErrors of Publish.
   */
  readonly publish: (topicArn: string, event: TargetEvent) => Promise<void>;
  /** The ARN of the topic that such a publication goes to. */
  topicArn(arn: string): string;
  /** The names of all topics. */
  topicNames(): string[];
  readonly declarer: Declarer;
  readonly policies: PolicySource;
  readonly tags: TagSource;
  /** Answers requests for the signing certificate; undefined for other paths, which other services may serve. */
  certificate(request: HttpRequest): Promise<HttpResponse | undefined>;
  /** Starts the deliveries, those first that an earlier run left. */
  start(): void;
  /** Interrupts deliveries in progress; they continue after the next start. */
  close(): Promise<void>;
}

export const sns = register({
  name: 'sns',
  needs: [],
  offers: ['topics'],
  declares: [topicsSection],
  describeRecords: describeMessages,
  // Nothing of what is read is kept in memory.
  atStandby: {
    needs: [],
    offers: [],
    async open({ engine, clock, region, accountId, resourcePolicies, taggedResources }) {
      const topics = new Topics(engine.catalog, clock);
      resourcePolicies.register('sns', { policyOf: (arn) => policyOf(topics, arn) });
      taggedResources.register('sns', topicTags(topics));
      return { service: serviceOf({ topics }, reads, { region, accountId }) };
    },
  },
  async open(context) {
    const opened = await openSns(context);
    context.taggedResources.register('sns', opened.tags);
    context.targets.register('sns', {
      accepts: isTopicArn,
      needs: (arn) => ({ action: 'sns:Publish', resource: opened.topicArn(arn) }),
      deliver: (arn, event) => opened.publish(arn, event),
    });
    context.resourcePolicies.register('sns', opened.policies);
    return {
      service: opened.service,
      offers: { topics: { names: () => opened.topicNames() } },
      declarer: opened.declarer,
      route: (request) => opened.certificate(request),
      openPaths: [CERTIFICATE_PATH],
      start: () => opened.start(),
      quiesce: () => opened.close(),
    };
  },
});

function isTopicArn(arn: string): boolean {
  const { service, region, accountId, resource } = parseArn(arn) ?? {};
  const isPlace = region !== undefined && region !== '' && accountId !== undefined && accountId !== '';
  return service === 'sns' && isPlace && /^[\w-]+(\.fifo)?$/.test(resource ?? '');
}

/** Opens SNS: it accepts messages, stores them until every subscription has them, and delivers them. */
export async function openSns(options: SnsOptions): Promise<Sns> {
  const { engine, clock, targets, endpoint, log, traces = callersTraces } = options;
  const topics = new Topics(engine.catalog, clock);
  warnOfOldPolicies(topics, log);
  const signer = new Signer(engine.catalog, clock, endpoint);
  const poster = httpPoster(options.egress ?? egressOf(endpoint), {
    timeoutMs: options.httpTimeoutMs ?? snsLimits.httpTimeoutMs,
    socketsMax: snsLimits.deliveriesAtOncePerSubscriptionMax,
  });
  const metrics = new TopicMetrics(options.metrics);
  const attempts = new RecentAttempts();
  const deliveries = await Deliveries.open({
    engine,
    clock,
    log,
    topics,
    signer,
    senders: { targets, post: poster.post, spans: options.spans ?? unrecordedWork },
    endpoint,
    attempts,
    onDelivered: ({ topicArn }) => metrics.add(topicArn, 'NumberOfNotificationsDelivered', 1),
    onFailed: ({ topicArn }) => metrics.add(topicArn, 'NumberOfNotificationsFailed', 1),
    onDeadLetter: ({ topicArn }, isStored) => {
      const kind = isStored ? 'Redriven' : 'FailedToRedrive';
      metrics.add(topicArn, `NumberOfNotifications${kind}ToDlq`, 1);
    },
  });
  const publisher = new Publisher(topics, deliveries, clock, metrics);
  const topicArn = (arn: string): string =>
    topics.get(arn) === undefined ? inRegion(arn, options.region) : arn;
  return {
    service: serviceOf({ topics, publisher, attempts, traces }, operations, options),
    topicArn,
    start: () => deliveries.start(),
    async publish(arn, { subject, message, attributes, trace }) {
      const parsed = parseMessage({
        Message: message,
        ...(subject !== undefined && { Subject: subject }),
        ...(attributes !== undefined && { MessageAttributes: messageAttributes(attributes) }),
      });
      await publisher.publish(topicArn(arn), [parsed], { trace });
    },
    topicNames: () => Array.from(topics.topics(''), ({ name }) => name),
    declarer: topicDeclarer({ topics, publisher, region: options.region, accountId: options.accountId }),
    policies: { policyOf: (arn) => policyOf(topics, arn) },
    tags: topicTags(topics),
    certificate: (request) => Promise.resolve(certificateResponse(signer, request)),
    async close() {
      await deliveries.close();
      poster.close();
    },
  };
}

function serviceOf<Context extends SnsReads>(
  context: Context,
  of: OperationTable<Context, string>,
  place: RegionAndAccount,
): Service {
  return service('sns', api, of, context, snsLimits.bodyBytesMax, {
    unsupported,
    audit,
    unsigned: UNSIGNED,
    authorization: snsAuthorization(place, context.topics),
    errorCodes: { accessDenied: 'AuthorizationError' },
  });
}

/** The default when the server gives none: reaches all addresses except the forbidden ones. */
function egressOf(endpoint: () => string): Egress {
  return new Egress({ allowed: [], ownPort: () => Number(new URL(endpoint()).port), refuseLoopback: false });
}

function policyOf(topics: Topics, arn: string): string | undefined {
  const topic = topics.get(arn);
  return topic && policyInForce(topic);
}

/** Filter policies that the current rules refuse keep their meaning until they are changed. */
function warnOfOldPolicies(topics: Topics, log: Log): void {
  for (const { arn, attributes } of topics.subscriptions('')) {
    const { FilterPolicy: policy, FilterPolicyScope: scope = 'MessageAttributes' } = attributes;
    const rule = policy === undefined ? undefined : brokenRule(policy, scope);
    if (rule === undefined) continue;
    log.warn(
      { subscription: arn },
      `stored filter policy is no longer valid and keeps its old meaning: ${rule}`,
    );
  }
}

function messageAttributes(attributes: NonNullable<TargetEvent['attributes']>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      type.startsWith('Binary')
        ? { DataType: type, BinaryValue: Buffer.from(value, 'base64') }
        : { DataType: type, StringValue: value },
    ]),
  );
}

function inRegion(topicArn: string, region: string): string {
  const { service, accountId, resource } = parseArn(topicArn) ?? {};
  if (service !== 'sns' || accountId === undefined || resource === undefined) return topicArn;
  return formatArn('sns', { region, accountId }, resource);
}

function certificateResponse(signer: Signer, { method, path }: HttpRequest): HttpResponse | undefined {
  if (!path.startsWith(CERTIFICATE_PATH)) return undefined;
  const body = method === 'GET' ? signer.certificate(path.slice(CERTIFICATE_PATH.length)) : undefined;
  if (body === undefined)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found\n' };
  return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body };
}
