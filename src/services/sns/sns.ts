import { formatArn, parseArn } from '../../aws/arn.ts';
import type { Targets } from '../../aws/targets.ts';
import { register } from '../registration.ts';
import type { Engine } from '../../engine/engine.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../http/message.ts';
import { snsLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { service, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import { Egress } from '../../support/egress.ts';
import { httpPoster } from '../../support/http-post.ts';
import type { Log } from '../../support/log.ts';
import { describeMessages } from './describe-records.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { topicDeclarer, topicsSection } from './declared.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { Deliveries } from './deliveries.ts';
import { parseMessage } from './message-input.ts';
import { brokenRule } from './filter-policy.ts';
import { operations } from './operations/index.ts';
import { Publisher } from './publisher.ts';
import { TopicMetrics } from './topic-metrics.ts';
import { CERTIFICATE_PATH, Signer } from './signer.ts';
import { Topics } from './topics.ts';

/** The links in notifications: SubscribeURL contains a token, UnsubscribeURL an ARN that only the subscriber knows. */
const UNSIGNED = ['ConfirmSubscription', 'Unsubscribe'];

export interface SnsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  /** Delivers notifications to functions. */
  readonly targets: Targets;
  /** This server's address as subscribers reach it; the URLs in notifications begin with it. */
  readonly endpoint: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
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
  readonly publish: (topicArn: string, subject: string | undefined, message: string) => Promise<void>;
  /** The names of all topics. */
  topicNames(): string[];
  readonly declarer: Declarer;
  /** Answers requests for the signing certificate; 404 for anything else. */
  readonly certificate: HttpHandler;
  /** Interrupts deliveries in progress; they continue after the next start. */
  close(): Promise<void>;
}

export const sns = register({
  name: 'sns',
  needs: [],
  offers: ['topics'],
  declares: [topicsSection],
  describeRecords: describeMessages,
  async open(context) {
    const opened = await openSns(context);
    context.targets.register('sns', {
      accepts: isTopicArn,
      deliver: (arn, { subject, message }) => opened.publish(arn, subject, message),
    });
    return {
      service: opened.service,
      offers: { topics: { names: () => opened.topicNames() } },
      declarer: opened.declarer,
      route: (request) => opened.certificate(request),
      openPaths: [CERTIFICATE_PATH],
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
  const { engine, clock, targets, endpoint, log } = options;
  const topics = new Topics(engine.catalog, clock);
  warnOfOldPolicies(topics, log);
  const signer = new Signer(engine.catalog, clock, endpoint);
  const poster = httpPoster(options.egress ?? egressOf(endpoint), {
    timeoutMs: options.httpTimeoutMs ?? snsLimits.httpTimeoutMs,
    socketsMax: snsLimits.deliveriesAtOncePerSubscriptionMax,
  });
  const metrics = new TopicMetrics(options.metrics);
  const deliveries = await Deliveries.open({
    engine,
    clock,
    log,
    topics,
    signer,
    senders: { targets, post: poster.post },
    endpoint,
    onDelivered: ({ topicArn }) => metrics.add(topicArn, 'NumberOfNotificationsDelivered', 1),
    onFailed: ({ topicArn }) => metrics.add(topicArn, 'NumberOfNotificationsFailed', 1),
  });
  const publisher = new Publisher(topics, deliveries, clock, metrics);
  return {
    service: service('sns', api, operations, { topics, publisher }, snsLimits.bodyBytesMax, {
      unsupported,
      unsigned: UNSIGNED,
    }),
    async publish(topicArn, subject, message) {
      const known = topics.get(topicArn) === undefined ? inRegion(topicArn, options.region) : topicArn;
      await publisher.publish(known, [
        parseMessage({ Message: message, ...(subject !== undefined && { Subject: subject }) }),
      ]);
    },
    topicNames: () => Array.from(topics.topics(''), ({ name }) => name),
    declarer: topicDeclarer({ topics, publisher, region: options.region, accountId: options.accountId }),
    certificate: (request) => Promise.resolve(certificateResponse(signer, request)),
    async close() {
      await deliveries.close();
      poster.close();
    },
  };
}

/** The default when the server gives none: reaches all addresses except the forbidden ones. */
function egressOf(endpoint: () => string): Egress {
  return new Egress({ allowed: [], ownPort: () => Number(new URL(endpoint()).port), refuseLoopback: false });
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

function inRegion(topicArn: string, region: string): string {
  const { service, accountId, resource } = parseArn(topicArn) ?? {};
  if (service !== 'sns' || accountId === undefined || resource === undefined) return topicArn;
  return formatArn('sns', { region, accountId }, resource);
}

function certificateResponse(signer: Signer, { method, path }: HttpRequest): HttpResponse {
  const isAsked = method === 'GET' && path.startsWith(CERTIFICATE_PATH);
  const body = isAsked ? signer.certificate(path.slice(CERTIFICATE_PATH.length)) : undefined;
  if (body === undefined)
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found\n' };
  return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body };
}
