import { ProtobufError, ProtobufReader, wireType } from '../../support/protobuf-reader.ts';

/** What a collector says of a request that it has taken, at least in part. */
export interface Answer {
  /** Spans or data points that it refuses for good. */
  readonly rejected: number;
  readonly message: string;
}

const ALL_TAKEN: Answer = { rejected: 0, message: '' };

/** The partial success in the body of a 200. A body that cannot be read says nothing. */
export function answerOf(contentType: string, body: Uint8Array): Answer {
  try {
    return contentType === 'application/json' ? fromJson(body) : fromProtobuf(body);
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof SyntaxError) return ALL_TAKEN;
    throw error;
  }
}

function fromJson(body: Uint8Array): Answer {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString() || '{}');
  const partial = memberOf(parsed, 'partialSuccess');
  const rejected = Number(memberOf(partial, 'rejectedSpans') ?? memberOf(partial, 'rejectedDataPoints') ?? 0);
  const message = memberOf(partial, 'errorMessage');
  return {
    rejected: Number.isFinite(rejected) ? rejected : 0,
    message: typeof message === 'string' ? message : '',
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** ExportTraceServiceResponse and ExportMetricsServiceResponse have the same numbers. */
function fromProtobuf(body: Uint8Array): Answer {
  const outer = new ProtobufReader(body);
  let answer = ALL_TAKEN;
  for (let field = outer.next(); field !== undefined; field = outer.next()) {
    if (field.number !== 1 || field.type !== wireType.lengthDelimited) outer.skip(field.type);
    else answer = partialSuccess(outer.bytes());
  }
  return answer;
}

function partialSuccess(bytes: Uint8Array): Answer {
  const reader = new ProtobufReader(bytes);
  let [rejected, message] = [0, ''];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field.number === 1 && field.type === wireType.varint) rejected = reader.varint();
    else if (field.number === 2 && field.type === wireType.lengthDelimited) {
      message = Buffer.from(reader.bytes()).toString();
    } else reader.skip(field.type);
  }
  return { rejected, message };
}
