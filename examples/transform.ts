/** What Firehose invokes a transforming function with, and what it answers. */
interface TransformEvent {
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}

interface TransformResult {
  readonly records: readonly {
    readonly recordId: string;
    readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
    readonly data: string;
  }[];
}

/** A function before Firehose: makes a line of each record's message. */
export async function handler({ records }: TransformEvent): Promise<TransformResult> {
  return {
    records: records.map(({ recordId, data }) => {
      try {
        const { message } = JSON.parse(Buffer.from(data, 'base64').toString()) as { message: unknown };
        const line = `${String(message)}\n`;
        return { recordId, result: 'Ok', data: Buffer.from(line).toString('base64') };
      } catch {
        return { recordId, result: 'ProcessingFailed', data };
      }
    }),
  };
}
