import { encodeJson } from './json-writer.ts';
import type { Encoded, Message, MessageName } from './messages.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** One of the two forms in which OTLP travels over HTTP. */
export interface Form {
  readonly contentType: string;
  encode(name: MessageName, message: Message): Encoded;
}

export function formOf(protocol: 'http/protobuf' | 'http/json'): Form {
  if (protocol === 'http/json') return { contentType: 'application/json', encode: encodeJson };
  const writer = new ProtobufWriter();
  return {
    contentType: 'application/x-protobuf',
    encode: (name, message) => writer.encode(name, message),
  };
}
