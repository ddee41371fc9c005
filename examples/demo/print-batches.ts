interface KinesisEvent {
  readonly Records: readonly { readonly kinesis: { readonly data: string } }[];
}

/** A handler that a stream calls with batches: prints how many records came, and which messages. */
export function handler(event: KinesisEvent): void {
  const messages = event.Records.map(({ kinesis }) => {
    const record: unknown = JSON.parse(Buffer.from(kinesis.data, 'base64').toString());
    return typeof record === 'object' && record !== null && 'message' in record ? record.message : '?';
  });
  console.log(`a batch of ${messages.length}: ${messages.join(' ')}`);
}
