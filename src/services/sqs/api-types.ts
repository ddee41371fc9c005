/** Inputs and outputs of the operation that AWS does not have. */
export interface RedriveMessageBatchInput {
  readonly QueueUrl?: string;
  /** Messages that were received, up to ten. */
  readonly Entries?: readonly { readonly Id?: string; readonly ReceiptHandle?: string }[];
  /** Where they go; by default each goes to the queue that it came from. */
  readonly DestinationArn?: string;
}
