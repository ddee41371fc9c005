import type { RegionAndAccount } from '../../../aws/arn.ts';
import type { Targets } from '../../../aws/targets.ts';
import type { RetryPolicy } from '../delivery-policy.ts';
import type { HttpPost } from '../http-post.ts';
import type { SignedNotification, StoredMessage } from '../notification.ts';
import type { Protocol } from '../topic.ts';

/** One message for one endpoint. */
export interface OutgoingNotification {
  readonly message: StoredMessage;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly subscriptionArn: string;
  readonly unsubscribeUrl: string;
  /** The subscription asks for the message alone. */
  readonly isRaw: boolean;
  sign(): Promise<SignedNotification>;
}

/** What protocols send with. */
export interface Senders {
  readonly targets: Targets;
  readonly post: HttpPost;
}

export type AttemptResult =
  | 'delivered'
  /** The server stops. */
  | 'interrupted'
  /** A final failure is not tried again. */
  | { readonly reason: string; readonly isFinal: boolean };

/** All that is different from protocol to protocol. A new one is a file beside this one, and a line in index.ts. */
export interface SnsProtocol {
  /** The endpoint that a subscription in `nagare.yaml` means, where a short form is known. */
  declaredEndpoint(declared: string, place: RegionAndAccount): string;
  /** Throws InvalidParameter. */
  parseEndpoint(endpoint: string): string;
  /** Whether the endpoint has to confirm that it wants the messages, and is told when it gets no more. */
  readonly needsConfirmation: boolean;
  readonly allowsRawMessages: boolean;
  /** Whether a subscription may have a DeliveryPolicy. */
  readonly allowsDeliveryPolicy: boolean;
  attempt(sending: OutgoingNotification, senders: Senders, signal: AbortSignal): Promise<AttemptResult>;
  /**
   * How long to wait before the given retry (1 is the first); undefined when it is one too many. `policy` is the
   * DeliveryPolicy of the subscription, else the topic's, else AWS's own.
   */
  retryDelayMs(retry: number, policy: RetryPolicy): number | undefined;
}
