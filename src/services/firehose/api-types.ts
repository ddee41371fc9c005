/** Inputs and outputs of the operations that AWS does not have. */
export interface FlushDeliveryStreamInput {
  readonly DeliveryStreamName: string;
  /** Only what failed is tried again; what waits for its buffer goes on waiting. */
  readonly RetryOnly?: boolean;
}

export interface FlushDeliveryStreamOutput {
  /** Everything is delivered when DeliveredUntil of GetDeliveryStreamProgress has reached this. Not for Kinesis streams. */
  readonly UndeliveredUntil?: number;
}

export interface GetDeliveryStreamProgressInput {
  readonly DeliveryStreamName: string;
}

/** A database as nagare.yaml declares it, without secrets. */
export interface DatabaseDescription {
  readonly Type: 'postgresql' | 'sqlite';
  /** The file, or where the URL is. */
  readonly Location: string;
  readonly Schema: string | undefined;
  readonly Table: string;
  readonly ErrorTable: string;
  readonly Columns: readonly {
    readonly Name: string;
    readonly Type: string;
    readonly Path: string;
    readonly Required: boolean;
  }[];
}

export interface GetDeliveryStreamProgressOutput {
  readonly DeliveryStreamName: string;
  /** Records that were put directly and are not delivered yet. */
  readonly WaitingRecords?: number;
  /** How many of the records that were ever put directly are delivered. */
  readonly DeliveredUntil?: number;
  /** Why nothing can be delivered, and since when. */
  readonly Failure?: { readonly Reason: string; readonly Since: Date };
  /** The destination, if it is one that AWS does not have. */
  readonly Database?: DatabaseDescription;
}
