/** Inputs and outputs of the operations that AWS does not have. */
export interface FlushDeliveryStreamInput {
  readonly DeliveryStreamName: string;
  /** Retry failed deliveries only. Records that wait for their buffer to fill keep waiting. */
  readonly RetryOnly?: boolean;
}

export interface FlushDeliveryStreamOutput {
  /**
   * When DeliveredUntil of GetDeliveryStreamProgress reaches this number, everything is delivered. Absent for Kinesis
   * streams.
   */
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
  /** The ID under which its positions are stored. */
  readonly DeliveryId: string;
  /** Direct puts that are not delivered yet. */
  readonly WaitingRecords?: number;
  /** When the oldest of them arrived. Absent if there are none. */
  readonly WaitingSince?: Date;
  /** The number of direct puts that were delivered since the creation. */
  readonly DeliveredUntil?: number;
  /** Why deliveries fail, and since when. Absent if they do not. */
  readonly Failure?: { readonly Reason: string; readonly Since: Date };
  /** Records that were written to the error output since the server started, and why the last one was. */
  readonly Refused?: {
    readonly Records: number;
    readonly LastCode: string;
    readonly LastMessage: string;
    readonly LastTime: Date;
  };
  /** The destination, if it is one that AWS does not have. */
  readonly Database?: DatabaseDescription;
}
