/** Queues as other parts of nagare use them: event source mappings, subscriptions. All methods throw ServiceError. */
export interface MessageQueues {
  /** Undefined when there is no such queue. */
  describe(arn: string): MessageQueueInfo | undefined;

  /** Receives up to ten messages, waiting for the first one. */
  receive(arn: string, request: MessageRequest): Promise<readonly QueuedMessage[]>;

  /**
   * Deletes messages; durable when it resolves. A message that was received again since, or is gone, is left as it is.
   */
  delete(arn: string, receiptHandles: readonly string[]): Promise<void>;

  /** Makes a message visible after this time. */
  changeVisibility(arn: string, receiptHandle: string, visibilityMs: number): Promise<void>;

  /** Sends a message; durable when it resolves. */
  send(arn: string, message: MessageToSend): Promise<void>;
}

export interface MessageQueueInfo {
  readonly name: string;
  readonly isFifo: boolean;
  readonly visibilityMs: number;
}

export interface MessageRequest {
  readonly most: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** A message with everything that ReceiveMessage returns, by AWS's names. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** Absent without attributes. */
  readonly md5OfMessageAttributes?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, QueuedAttribute>>;
}

export interface QueuedAttribute {
  readonly dataType: string;
  readonly stringValue?: string;
  readonly binaryValue?: Uint8Array;
}

export interface MessageToSend {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, QueuedAttribute>>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}
