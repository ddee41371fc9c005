import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { RecordPacker } from '../../../src/engine/packed-records.ts';
import { jsonEncoder } from '../../../src/protocol/documents/json-values.ts';
import { MessageView, packMessage } from '../../../src/queue/leased/message-format.ts';
import api from '../../../src/services/sqs/api.json' with { type: 'json' };
import { deletedJson, sentJson } from '../../../src/services/sqs/batch-json.ts';
import { receivedOutput } from '../../../src/services/sqs/messages-json.ts';

const encode = jsonEncoder(api)('ReceiveMessageResult');

const message = fc.record({
  body: fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'grapheme', maxLength: 300 }), fc.json()),
  attributes: fc.option(
    fc.dictionary(
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.oneof(
        fc.record({ type: fc.constant('String'), text: fc.string({ unit: 'grapheme' }) }),
        fc.record({ type: fc.constant('Binary'), base64: fc.base64String() }),
      ),
      { maxKeys: 3 },
    ),
    { nil: undefined },
  ),
});
const names = fc.constantFrom([], ['All'], ['a.*', 'b']);
const system = fc.constantFrom([], ['SenderId', 'SentTimestamp', 'AWSTraceHeader'] as const);

it('the JSON of received messages equals that of the general encoder', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 10 }),
      names,
      system,
      (messages, wanted, chosen) => {
        const received = messages.map(({ body, attributes }, number) => {
          const packer = new RecordPacker();
          const extra = attributes && JSON.stringify({ attributes, trace: 'Root=1-"a"' });
          packMessage(packer, { id: Buffer.alloc(16, number), digest: 'ab'.repeat(16), body, extra });
          const view = new MessageView(packer.finish().bytes.subarray(4));
          const receiptHandle = `handle${number}`;
          return { message: view, receiptHandle, number, sentMs: 5, receiveCount: 1, firstReceivedMs: 6 };
        });
        const output = receivedOutput(received, {
          accountId: '000000000000',
          isFifo: false,
          system: chosen,
          names: wanted,
        });
        assert.equal(Buffer.from(output.json()).toString(), JSON.stringify(encode(output.value())));
      },
    ),
    { numRuns: 500 },
  );
});

it('the JSON of whole batches equals that of the general encoder', () => {
  const digest = 'ab'.repeat(16);
  const absent = {
    MD5OfMessageAttributes: undefined,
    MD5OfMessageSystemAttributes: undefined,
    SequenceNumber: undefined,
  };
  const sent = [
    { MessageId: 'm0', MD5OfMessageBody: digest, ...absent },
    { ...absent, MessageId: 'm1', MD5OfMessageBody: digest, MD5OfMessageAttributes: digest },
    { MessageId: 'm2', MD5OfMessageBody: digest, ...absent, SequenceNumber: '17' },
    { ...absent, MessageId: 'm3', MD5OfMessageBody: digest, MD5OfMessageSystemAttributes: digest },
  ];
  const Successful = sent.map((one, index) => ({ Id: `i-${index}`, ...one }));
  const ids = Successful.map(({ Id }) => Id);
  const inGeneral = (operation: string): string =>
    JSON.stringify(jsonEncoder(api)(operation)({ Successful, Failed: [] }));
  assert.equal(sentJson(ids, sent), inGeneral('SendMessageBatchResult'));
  assert.equal(deletedJson(Successful), inGeneral('DeleteMessageBatchResult'));
});
