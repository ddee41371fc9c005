import {
  CLOSE,
  CLOSE_LIST,
  COMMA,
  JsonScanner,
  OPEN,
  OPEN_LIST,
} from '../../protocol/documents/json-scanner.ts';
import type { FastParser, ParsedInput } from '../../protocol/fast-parser.ts';
import { sqsLimits } from './limits.ts';

/**
 * Decode the bodies of the calls that applications make for their messages, in the form in which clients write them.
 * Undefined for any other form: message attributes, for one. SQS's model has no bounds to check. The bodies of messages
 * stay where they are, as bytes, if they are plain.
 */
export const bodyParsers: Readonly<Record<string, FastParser>> = {
  DeleteMessageBatch: (body) => parseBatch(body, () => new Deletion()),
  SendMessage: parseSendMessage,
  SendMessageBatch: (body) => parseBatch(body, () => new BatchEntry()),
};

const DELAY_SECONDS = Buffer.from('DelaySeconds');
const ENTRIES = Buffer.from('Entries');
const ID = Buffer.from('Id');
const MESSAGE_BODY = Buffer.from('MessageBody');
const MESSAGE_DEDUPLICATION_ID = Buffer.from('MessageDeduplicationId');
const MESSAGE_GROUP_ID = Buffer.from('MessageGroupId');
const QUEUE_URL = Buffer.from('QueueUrl');
const RECEIPT_HANDLE = Buffer.from('ReceiptHandle');

/** Reads the next member. Returns false if it is unknown, repeated, or of another form. */
interface Members {
  take(scan: JsonScanner): boolean;
}

/** Absent members are undefined, so that all entries have the same hidden class. */
class Entry implements Members {
  MessageBody: string | Buffer | undefined = undefined;
  DelaySeconds: number | undefined = undefined;
  MessageGroupId: string | undefined = undefined;
  MessageDeduplicationId: string | undefined = undefined;

  take(scan: JsonScanner): boolean {
    if (scan.takeName(MESSAGE_BODY)) {
      return this.MessageBody === undefined && (this.MessageBody = scan.textOrBytes()) !== undefined;
    }
    if (scan.takeName(MESSAGE_GROUP_ID)) {
      return this.MessageGroupId === undefined && (this.MessageGroupId = scan.text()) !== undefined;
    }
    if (scan.takeName(MESSAGE_DEDUPLICATION_ID)) {
      const isFirst = this.MessageDeduplicationId === undefined;
      return isFirst && (this.MessageDeduplicationId = scan.text()) !== undefined;
    }
    if (!scan.takeName(DELAY_SECONDS) || this.DelaySeconds !== undefined) return false;
    return (this.DelaySeconds = scan.count()) !== undefined;
  }
}

class BatchEntry extends Entry {
  Id: string | undefined = undefined;

  override take(scan: JsonScanner): boolean {
    if (!scan.takeName(ID)) return super.take(scan);
    return this.Id === undefined && (this.Id = scan.text()) !== undefined;
  }
}

class SendMessage extends Entry {
  QueueUrl: string | undefined = undefined;

  override take(scan: JsonScanner): boolean {
    if (!scan.takeName(QUEUE_URL)) return super.take(scan);
    return this.QueueUrl === undefined && (this.QueueUrl = scan.text()) !== undefined;
  }
}

class Deletion implements Members {
  Id: string | undefined = undefined;
  ReceiptHandle: string | undefined = undefined;

  take(scan: JsonScanner): boolean {
    if (scan.takeName(ID)) return this.Id === undefined && (this.Id = scan.text()) !== undefined;
    if (!scan.takeName(RECEIPT_HANDLE) || this.ReceiptHandle !== undefined) return false;
    return (this.ReceiptHandle = scan.text()) !== undefined;
  }
}

class Batch implements Members {
  QueueUrl: string | undefined = undefined;
  Entries: Members[] | undefined = undefined;
  readonly #newEntry: () => Members;

  constructor(newEntry: () => Members) {
    this.#newEntry = newEntry;
  }

  take(scan: JsonScanner): boolean {
    if (scan.takeName(QUEUE_URL)) {
      return this.QueueUrl === undefined && (this.QueueUrl = scan.text()) !== undefined;
    }
    if (!scan.takeName(ENTRIES) || this.Entries !== undefined || !scan.take(OPEN_LIST)) return false;
    this.Entries = [];
    do {
      const entry = this.#newEntry();
      if (!parseStructure(scan, entry)) return false;
      if (this.Entries.push(entry) > sqsLimits.batchEntriesMax) return false;
    } while (scan.take(COMMA));
    return scan.take(CLOSE_LIST);
  }
}

function parseBatch(body: Buffer, newEntry: () => Members): ParsedInput | undefined {
  return parsed(body, new Batch(newEntry));
}

function parseSendMessage(body: Buffer): ParsedInput | undefined {
  return parsed(body, new SendMessage());
}

function parsed(body: Buffer, input: Members): ParsedInput | undefined {
  const scan = new JsonScanner(body);
  return parseStructure(scan, input) && scan.atEnd() ? { input, memory: body } : undefined;
}

function parseStructure(scan: JsonScanner, members: Members): boolean {
  if (!scan.take(OPEN)) return false;
  do if (!members.take(scan)) return false;
  while (scan.take(COMMA));
  return scan.take(CLOSE);
}
