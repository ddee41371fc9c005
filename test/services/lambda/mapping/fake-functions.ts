import type {
  FunctionInfo,
  Functions,
  InvokeOptions,
  InvokeResult,
} from '../../../../src/services/lambda/functions.ts';

export interface FakeEvent {
  readonly Records: readonly {
    readonly kinesis: {
      readonly data: string;
      readonly sequenceNumber: string;
      readonly partitionKey: string;
    };
    readonly eventID: string;
    readonly eventSourceARN: string;
  }[];
}

export type Handler = (event: FakeEvent, options: InvokeOptions) => unknown;

/** Functions of the test's own process: a handler that throws is one that failed. */
export class FakeFunctions implements Functions {
  readonly #handlers = new Map<string, Handler>();

  set(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  describe(nameOrArn: string): FunctionInfo | undefined {
    const name =
      nameOrArn
        .replace(/:\$LATEST$/, '')
        .split(':')
        .at(-1) ?? '';
    if (!this.#handlers.has(name)) return undefined;
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    return {
      name,
      arn,
      qualifiedArn: nameOrArn.endsWith(':$LATEST') ? `${arn}:$LATEST` : arn,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      timeoutSeconds: 3,
    };
  }

  async invoke(name: string, payload: Uint8Array, options: InvokeOptions = {}): Promise<InvokeResult> {
    const handler = this.#handlers.get(this.describe(name)?.name ?? '');
    if (handler === undefined) throw new Error(`no function ${name}`);
    // The test sets what its handler is given.
    const event = JSON.parse(Buffer.from(payload).toString()) as FakeEvent;
    const answer = {
      requestId: options.requestId ?? '',
      executedVersion: '$LATEST',
      logTail: Buffer.alloc(0),
    } as const;
    try {
      const result = (await handler(event, options)) ?? null;
      return { ...answer, payload: Buffer.from(JSON.stringify(result)), functionError: undefined };
    } catch (error) {
      const payload = Buffer.from(JSON.stringify({ errorMessage: String(error) }));
      return { ...answer, payload, functionError: 'Unhandled' };
    }
  }

  invokeAsync(): Promise<{ readonly requestId: string }> {
    throw new Error('mappings invoke and wait');
  }
}

export function texts(event: FakeEvent): string[] {
  return event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
}
