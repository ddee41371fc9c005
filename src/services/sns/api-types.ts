/** Inputs and outputs of the operation that AWS does not have. */
export interface GetDeliveryAttemptsInput {
  readonly TopicArn: string;
}

export interface GetDeliveryAttemptsOutput {
  readonly Subscriptions: readonly {
    /** As lists of subscriptions show it: `PendingConfirmation` until it is confirmed. */
    readonly SubscriptionArn: string | undefined;
    readonly Protocol: string | undefined;
    readonly Endpoint: string | undefined;
    /** The newest first. */
    readonly Attempts: readonly {
      readonly Time: Date;
      readonly DurationMilliseconds: number;
      readonly Outcome: 'Delivered' | 'Retrying' | 'GivenUp';
      /** Of an HTTP endpoint that has answered. */
      readonly Status?: number;
      readonly Reason?: string;
    }[];
  }[];
}
