import { JsonOutput, writeLongText } from '../../protocol/documents/json-output.ts';
import { jsonEncoder } from '../../protocol/documents/json-values.ts';
import { EncodedOutput } from '../../protocol/service.ts';
import type { ReceivedMessage } from '../../queue/leased/contract.ts';
import { acquireBuffer } from '../../support/buffer-pool.ts';
import api from './api.json' with { type: 'json' };
import { messageIdText } from './message-id.ts';
import { messageOutput, type OutputOptions, wantedAttributes } from './message-output.ts';

/** About what surrounds the body of a message. */
const AROUND_BYTES = 200;

const encodeMessage = jsonEncoder(api)('Message');

/** The response of ReceiveMessage. In JSON, bodies are copied from the engine's bytes without becoming texts. */
export function receivedOutput(received: readonly ReceivedMessage[], options: OutputOptions): EncodedOutput {
  return new EncodedOutput(
    () => messagesJson(received, options),
    () => ({ Messages: received.map((one) => messageOutput(one, options)) }),
  );
}

function messagesJson(received: readonly ReceivedMessage[], options: OutputOptions): Buffer {
  let expected = 0;
  for (const { message } of received) expected += AROUND_BYTES + message.storedBytes;
  const output = new JsonOutput(acquireBuffer(expected));
  let text = '{"Messages":[';
  let at = 0;
  for (const one of received) {
    const { message, receiptHandle } = one;
    text += `{"MessageId":"${messageIdText(message.id)}","ReceiptHandle":"${receiptHandle}",`;
    text += `"MD5OfBody":"${message.digest}","Body":"`;
    at = writeShort(output, at, text);
    at = writeLongText(output, at, message.body);
    text = `"${attributesJson(one, options)}},`;
  }
  at = writeShort(output, at, `${text.slice(0, -1)}]}`);
  return output.bytes.subarray(0, at);
}

function writeShort(output: JsonOutput, at: number, text: string): number {
  output.reserve(at, Buffer.byteLength(text));
  return at + output.bytes.write(text, at);
}

/** The members after the body. */
function attributesJson(received: ReceivedMessage, options: OutputOptions): string {
  const wanted = wantedAttributes(received, options);
  if (wanted === undefined) return '';
  const members = JSON.stringify(encodeMessage(wanted)).slice(1, -1);
  return members === '' ? '' : `,${members}`;
}
