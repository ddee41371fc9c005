import type { Actor } from '../../../auth/authorization/acting.ts';
import type { RegionAndAccount } from '../../../aws/arn.ts';
import type { Targets } from '../../../aws/targets.ts';
import type { RetryPolicy } from '../delivery-policy.ts';
import type { HttpPost } from '../../../support/http-post.ts';
import type { WorkSpans } from '../../../support/work-spans.ts';
import type { SignedNotification, StoredMessage } from '../notification.ts';
import type { Protocol } from '../topic.ts';

/** One message for one endpoint. */
export interface OutgoingNotification {
  readonly message: StoredMessage;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly subscriptionArn: string;
  /** SNS, for the topic. */
  readonly actor: Actor;
  readonly unsubscribeUrl: string;
  /** The subscription asks for the message alone. */
  readonly isRaw: boolean;
  sign(): Promise<SignedNotification>;
}

/** The clients that protocols send with. */
export interface Senders {
  readonly targets: Targets;
  readonly post: HttpPost;
  readonly spans: WorkSpans;
}

interface Delivered {
  readonly isDelivered: true;
  /** Of an HTTP endpoint. */
  readonly status?: number;
}

export type AttemptResult =
  | Delivered
  /** The server is stopping. */
  | 'interrupted'
  /** A final failure is not retried. */
  | {
      readonly isDelivered: false;
      readonly reason: string;
      readonly isFinal: boolean;
      readonly status?: number;
    };

/** Everything specific to a protocol. To add one, add a file beside this one, and a line in index.ts. */
export interface SnsProtocol {
  /** Expands the short form of an endpoint in `nagare.yaml`, where the protocol has one. */
  declaredEndpoint(declared: string, place: RegionAndAccount): string;
  /** Throws InvalidParameter. */
  parseEndpoint(endpoint: string): string;
  /** Whether the endpoint must confirm its subscription, and is notified when it is unsubscribed. */
  readonly needsConfirmation: boolean;
  readonly allowsRawMessages: boolean;
  /** Whether a subscription may have a DeliveryPolicy. */
  readonly allowsDeliveryPolicy: boolean;
  attempt(sending: OutgoingNotification, senders: Senders, signal: AbortSignal): Promise<AttemptResult>;
  /**
   * The delay before the given retry (1 is the first); undefined when there is no such retry. `policy` is the
   * DeliveryPolicy of the subscription, otherwise the topic's, otherwise AWS's default.
   */
  retryDelayMs(retry: number, policy: RetryPolicy): number | undefined;
}
