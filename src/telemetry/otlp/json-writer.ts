import { Encoded, type Field, fieldsOf, type Message, type MessageName, type Value } from './messages.ts';
import { nanoseconds } from './protobuf-writer.ts';

/** OTLP's JSON: numbers of 64 bits are texts, ids are hexadecimal. */
export function encodeJson(name: MessageName, message: Message): Encoded {
  return new Encoded(messageText(name, message));
}

function messageText(name: MessageName, message: Message): string {
  const members = fieldsOf(name).flatMap((field) => {
    const value = message[field.name];
    return value === undefined ? [] : [`"${field.name}":${fieldText(field, value)}`];
  });
  return `{${members.join(',')}}`;
}

function fieldText(field: Field, value: Value): string {
  if (!field.repeated) return text(field, value);
  if (!Array.isArray(value)) throw new Error('a repeated field has a list as its value');
  return `[${value.map((element: Value) => text(field, element)).join(',')}]`;
}

function text({ type }: Field, value: Value): string {
  if (value instanceof Encoded) return String(value.content);
  if (type === 'time') return `"${nanoseconds(Number(value))}"`;
  if (type === 'fixed64' || type === 'int') return `"${Number(value)}"`;
  if (typeof value === 'object') return messageText(type as MessageName, value as Message); // no other type has objects
  return JSON.stringify(value);
}
