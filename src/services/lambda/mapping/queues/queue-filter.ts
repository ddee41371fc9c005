import { compileEventPattern } from '../../../../aws/event-pattern/event-pattern.ts';
import { EventPatternError, isJsonObject, type JsonObject } from '../../../../aws/event-pattern/types.ts';
import type { QueuedMessage } from '../../../sqs/message-queues.ts';

/** Decides whether a message is delivered to the function. */
export type MessageFilter = (message: QueuedMessage) => boolean;

/**
 * Compiles a filter pattern as Lambda's guide "Using event filtering with an Amazon SQS event source" describes it:
 * conditions on the members of a message, and under `body` on its body: as an object, which must then be JSON, or as a
 * list of texts. Throws EventPatternError.
 */
export function compileQueueFilter(pattern: string): MessageFilter {
  const parsed = parseJson(pattern);
  if (!isJsonObject(parsed)) throw new EventPatternError('Filter is not an object');
  if (Object.keys(parsed).length === 0) return () => true;
  const matches = compileEventPattern(parsed, {});
  const readsJson = asksForJson(parsed);
  return (message) => {
    const body = readsJson ? parseJson(message.body) : undefined;
    return matches(fieldsOf(message, isJsonObject(body) ? body : message.body));
  };
}

/** Undefined without filters: all messages match. */
export function compileQueueFilters(patterns: readonly string[]): MessageFilter | undefined {
  if (patterns.length === 0) return undefined;
  const filters = patterns.map((pattern) => compileQueueFilter(pattern));
  return (message) => filters.some((filter) => filter(message));
}

/** Whether a condition on members of the body appears at the top level or in an alternative. */
function asksForJson(pattern: JsonObject): boolean {
  return Object.entries(pattern).some(([name, member]) => {
    if (name === '$or' && Array.isArray(member))
      return member.some((one) => isJsonObject(one) && asksForJson(one));
    return (name === 'body' && isJsonObject(member)) || name.startsWith('body.');
  });
}

function fieldsOf(message: QueuedMessage, body: JsonObject | string): JsonObject {
  const { messageId, receiptHandle, md5OfBody, attributes, messageAttributes } = message;
  return {
    messageId,
    receiptHandle,
    md5OfBody,
    attributes: { ...attributes },
    messageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { dataType, stringValue }]) => [
        name,
        { dataType, ...(stringValue !== undefined && { stringValue }) },
      ]),
    ),
    body,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
