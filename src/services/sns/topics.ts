import { randomUUID } from 'node:crypto';
import { parseArn } from '../../aws/arn.ts';
import { snsLimits } from './limits.ts';
import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { Clock } from '../../support/clock.ts';
import {
  filterPolicyLimitExceeded,
  invalidParameter,
  subscriptionLimitExceeded,
  subscriptionNotFound,
  topicLimitExceeded,
  topicNotFound,
} from './errors.ts';
import type { Subscription, Topic } from './topic.ts';

/** The subscription that a token confirms. */
interface TokenRow {
  readonly subscription: Subscription;
  readonly expiresMs: number;
}

const TOKEN_BYTES = 64;

/** Topics and their subscriptions, durable. */
export class Topics {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #topics: Table<Topic>;
  readonly #subscriptions: Table<Subscription>;
  readonly #tokens: Table<TokenRow>;

  constructor(catalog: Catalog, clock: Clock) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#topics = catalog.table('sns.topics');
    this.#subscriptions = catalog.table('sns.subscriptions');
    this.#tokens = catalog.table('sns.tokens');
  }

  get(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  require(arn: string): Topic {
    checkArn(arn, 'TopicArn');
    const topic = this.#topics.get(arn);
    if (topic === undefined) throw topicNotFound();
    return topic;
  }

  /** Ordered by ARN. */
  *topics(arnPrefix: string): Generator<Topic> {
    for (const [, topic] of this.#topics.entries(arnPrefix)) yield topic;
  }

  /** A topic's subscriptions; their ARNs begin with the topic's. */
  *subscriptions(arnPrefix: string): Generator<Subscription> {
    for (const [, subscription] of this.#subscriptions.entries(arnPrefix)) yield subscription;
  }

  subscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  requireSubscription(arn: string): Subscription {
    checkArn(arn, 'SubscriptionArn');
    const subscription = this.#subscriptions.get(arn);
    if (subscription === undefined) throw subscriptionNotFound();
    return subscription;
  }

  /** Returns the topic of that ARN, created if it does not exist; `check` may refuse an existing one. */
  create(topic: Topic, check: (present: Topic) => void): Promise<void> {
    return this.#catalog.commit((transaction) => {
      const present = transaction.get(this.#topics, topic.arn);
      if (present !== undefined) return check(present);
      if (this.#topics.size >= snsLimits.topicsMax) throw topicLimitExceeded();
      transaction.put(this.#topics, topic.arn, topic);
    });
  }

  /** Deletes a topic with its subscriptions and their tokens. Succeeds when it does not exist, as on AWS. */
  delete(arn: string): Promise<void> {
    checkArn(arn, 'TopicArn');
    return this.#catalog.commit((transaction) => {
      transaction.delete(this.#topics, arn);
      for (const [key] of transaction.entries(this.#subscriptions, `${arn}:`)) {
        transaction.delete(this.#subscriptions, key);
      }
      for (const [token, row] of transaction.entries(this.#tokens)) {
        if (row.subscription.topicArn === arn) transaction.delete(this.#tokens, token);
      }
    });
  }

  updateTopic(arn: string, change: (topic: Topic) => Topic): Promise<void> {
    checkArn(arn, 'TopicArn');
    return this.#catalog.commit((transaction) => {
      const topic = transaction.get(this.#topics, arn);
      if (topic === undefined) throw topicNotFound();
      transaction.put(this.#topics, arn, change(topic));
    });
  }

  updateSubscription(arn: string, change: (subscription: Subscription) => Subscription): Promise<void> {
    checkArn(arn, 'SubscriptionArn');
    return this.#catalog.commit((transaction) => {
      const subscription = transaction.get(this.#subscriptions, arn);
      if (subscription === undefined) throw subscriptionNotFound();
      const changed = change(subscription);
      if (sizeOf(changed) > sizeOf(subscription)) this.#checkSize(transaction, changed);
      transaction.put(this.#subscriptions, arn, changed);
    });
  }

  /**
   * Returns the subscription of that endpoint to that topic, created if it does not exist; `check` may refuse an
   * existing one. Includes a token when it must be confirmed.
   */
  subscribe(
    wanted: Omit<Subscription, 'arn'>,
    check: (present: Subscription) => void,
  ): Promise<{ readonly subscription: Subscription; readonly token: string | undefined }> {
    return this.#catalog.commit((transaction) => {
      const { topicArn, protocol, endpoint } = wanted;
      if (transaction.get(this.#topics, topicArn) === undefined) throw topicNotFound();
      let subscription = this.#find(transaction, topicArn, protocol, endpoint);
      if (subscription === undefined) {
        if (this.#subscriptions.size >= snsLimits.subscriptionsMax) throw subscriptionLimitExceeded();
        subscription = { ...wanted, arn: `${topicArn}:${randomUUID()}` };
        this.#checkSize(transaction, subscription);
        transaction.put(this.#subscriptions, subscription.arn, subscription);
      } else check(subscription);
      const token = subscription.confirmed ? undefined : this.#newToken(transaction, subscription);
      return { subscription, token };
    });
  }

  /** Confirms the subscription of a token, also one that was unsubscribed since, as UnsubscribeConfirmation offers. */
  confirm(topicArn: string, token: string, authenticateOnUnsubscribe: boolean): Promise<Subscription> {
    return this.#catalog.commit((transaction) => {
      const row = transaction.get(this.#tokens, token);
      if (row === undefined || row.subscription.topicArn !== topicArn || row.expiresMs <= this.#clock.now()) {
        throw invalidParameter('Token');
      }
      const present = transaction.get(this.#subscriptions, row.subscription.arn) ?? row.subscription;
      const isStricter = authenticateOnUnsubscribe || present.authenticateOnUnsubscribe;
      const subscription = { ...present, confirmed: true, authenticateOnUnsubscribe: isStricter };
      transaction.put(this.#subscriptions, subscription.arn, subscription);
      return subscription;
    });
  }

  /** Deletes a subscription; returns a token that would restore it. Undefined when it does not exist. */
  unsubscribe(
    arn: string,
  ): Promise<{ readonly subscription: Subscription; readonly token: string } | undefined> {
    return this.#catalog.commit((transaction) => {
      const subscription = transaction.get(this.#subscriptions, arn);
      if (subscription === undefined) return undefined;
      transaction.delete(this.#subscriptions, arn);
      const topic = transaction.get(this.#topics, subscription.topicArn);
      if (topic !== undefined) {
        const subscriptionsDeleted = topic.subscriptionsDeleted + 1;
        transaction.put(this.#topics, topic.arn, { ...topic, subscriptionsDeleted });
      }
      return { subscription, token: this.#newToken(transaction, subscription) };
    });
  }

  #find(
    transaction: Transaction,
    topicArn: string,
    protocol: string,
    endpoint: string,
  ): Subscription | undefined {
    for (const [, subscription] of transaction.entries(this.#subscriptions, `${topicArn}:`)) {
      if (subscription.protocol === protocol && subscription.endpoint === endpoint) return subscription;
    }
    return undefined;
  }

  /** All of them are in memory. Throws FilterPolicyLimitExceeded. */
  #checkSize(transaction: Transaction, added: Subscription): void {
    let size = sizeOf(added);
    if (size === 0) return;
    for (const [, subscription] of transaction.entries(this.#subscriptions)) {
      if (subscription.arn !== added.arn) size += sizeOf(subscription);
    }
    for (const [, { subscription }] of transaction.entries(this.#tokens)) size += sizeOf(subscription);
    if (size > snsLimits.attributesCharactersMax) throw filterPolicyLimitExceeded();
  }

  #newToken(transaction: Transaction, subscription: Subscription): string {
    const nowMs = this.#clock.now();
    if (this.#tokens.size >= snsLimits.tokensMax) this.#dropTokens(transaction, nowMs);
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))).toString('hex');
    transaction.put(this.#tokens, token, { subscription, expiresMs: nowMs + snsLimits.tokenLifeMs });
    return token;
  }

  /** Drops expired tokens, and the oldest tenth if there are too many nevertheless. */
  #dropTokens(transaction: Transaction, nowMs: number): void {
    const byEnd = [...transaction.entries(this.#tokens)].sort(
      ([, one], [, other]) => one.expiresMs - other.expiresMs,
    );
    const expired = byEnd.findIndex(([, { expiresMs }]) => expiresMs > nowMs);
    const left = expired < 0 ? 0 : byEnd.length - expired;
    const evicted = left < snsLimits.tokensMax ? 0 : Math.ceil(left / 10);
    for (const [token] of byEnd.slice(0, byEnd.length - left + evicted))
      transaction.delete(this.#tokens, token);
  }
}

/** What counts towards the size of all subscriptions. */
function sizeOf({ attributes }: Subscription): number {
  const size = Object.values(attributes).reduce((sum, value: string) => sum + value.length, 0);
  return size > snsLimits.smallAttributesCharactersMax ? size : 0;
}

const subscriptionId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Checks that an ARN can be a subscription's: a topic's ARN and a UUID. Throws InvalidParameter. */
export function checkSubscriptionArn(arn: string): void {
  checkArn(arn, 'SubscriptionArn');
  const { service, resource } = parseArn(arn) ?? {};
  if (service !== 'sns' || resource === undefined) throw invalidParameter('SubscriptionArn');
  const [, id = '', ...rest] = resource.split(':');
  if (!subscriptionId.test(id) || rest.length > 0) throw invalidParameter('SubscriptionId');
}

/** Throws InvalidParameter, with AWS's message, for a text that is not an ARN, such as `PendingConfirmation`. */
export function checkArn(arn: string, parameter: string): void {
  const elements = arn.split(':').length;
  if (elements < 6) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements}`);
  }
  if (!arn.startsWith('arn:')) throw invalidParameter(parameter);
}
