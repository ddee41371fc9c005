import type { TraceContext } from '../../support/trace-context.ts';
import type { Protocol } from './topic.ts';

export type NotificationType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** A stored message with pending deliveries; JSON in the log of messages. */
export interface StoredMessage {
  readonly type: NotificationType;
  readonly messageId: string;
  readonly topicArn: string;
  readonly timestampMs: number;
  readonly subject?: string;
  readonly message: string;
  /** With MessageStructure `json`: specific texts for some protocols. */
  readonly messageOf?: Readonly<Partial<Record<Protocol, string>>>;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  /** MessageGroupId, for queues. */
  readonly groupId?: string;
  /** Of the request or event that has published it. */
  readonly trace?: TraceContext;
  readonly signatureVersion: '1' | '2';
  /** Present in confirmations. */
  readonly token?: string;
}

export interface MessageAttribute {
  readonly Type: string;
  /** Base64 for Binary. */
  readonly Value: string;
}

/** The signed members, which all forms of a notification have. */
export interface SignedNotification {
  readonly Type: NotificationType;
  readonly MessageId: string;
  readonly Token?: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly SubscribeURL?: string;
  readonly Timestamp: string;
  readonly SignatureVersion: '1' | '2';
  readonly Signature: string;
  readonly SigningCertURL: string;
}

export type UnsignedNotification = Omit<SignedNotification, 'Signature' | 'SigningCertURL'>;

const SIGNED_MEMBERS = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

/**
 * The signed text: each member's name and value on a line of its own ("Verifying the signatures of Amazon SNS
 * messages").
 */
export function stringToSign(notification: UnsignedNotification): string {
  let text = '';
  for (const member of SIGNED_MEMBERS[notification.Type]) {
    const value = notification[member];
    if (value !== undefined) text += `${member}\n${value}\n`;
  }
  return text;
}

export function unsignedNotification(
  stored: StoredMessage,
  protocol: Protocol,
  subscribeUrl: string | undefined,
): UnsignedNotification {
  return {
    Type: stored.type,
    MessageId: stored.messageId,
    ...(stored.token === undefined ? {} : { Token: stored.token }),
    TopicArn: stored.topicArn,
    ...(stored.subject === undefined ? {} : { Subject: stored.subject }),
    Message: messageFor(stored, protocol),
    ...(subscribeUrl === undefined ? {} : { SubscribeURL: subscribeUrl }),
    Timestamp: new Date(stored.timestampMs).toISOString(),
    SignatureVersion: stored.signatureVersion,
  };
}

export function messageFor(stored: StoredMessage, protocol: Protocol): string {
  return stored.messageOf?.[protocol] ?? stored.message;
}

/** The body for HTTP endpoints. */
export function httpBody(
  notification: SignedNotification,
  unsubscribeUrl: string,
  attributes: StoredMessage['attributes'],
): string {
  if (notification.Type !== 'Notification') return JSON.stringify(notification, undefined, 2);
  const document = {
    ...notification,
    UnsubscribeURL: unsubscribeUrl,
    ...(attributes === undefined ? {} : { MessageAttributes: attributes }),
  };
  return JSON.stringify(document, undefined, 2);
}

/** The event for functions, in which the URLs' names are spelt `Url`. */
export function lambdaEvent(
  notification: SignedNotification,
  subscriptionArn: string,
  unsubscribeUrl: string,
  attributes: StoredMessage['attributes'],
): object {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: notification.Type,
          MessageId: notification.MessageId,
          TopicArn: notification.TopicArn,
          Subject: notification.Subject ?? null,
          Message: notification.Message,
          Timestamp: notification.Timestamp,
          SignatureVersion: notification.SignatureVersion,
          Signature: notification.Signature,
          SigningCertUrl: notification.SigningCertURL,
          UnsubscribeUrl: unsubscribeUrl,
          MessageAttributes: attributes ?? {},
        },
      },
    ],
  };
}
