import {
  type Condition,
  invalidPattern,
  type MessageFilter,
  PatternReader,
  readComparison,
  readCondition,
} from './conditions.ts';

const BARE_OPERAND = /[^\s&|(),[\]"]+/;

type FieldCondition = Condition<string>;

/**
 * `[ip, user, ..., status = 4*, bytes > 1000]`: the message has exactly these fields, or any number where `...` stands,
 * and those with a condition meet it.
 */
export function parseFieldsPattern(text: string): MessageFilter {
  const reader = new PatternReader(text);
  reader.expect(/\[/);
  const before: FieldCondition[] = [];
  const after: FieldCondition[] = [];
  let hasEllipsis = false;
  do {
    if (reader.take(/\.\.\./) !== undefined) {
      if (hasEllipsis) throw invalidPattern();
      hasEllipsis = true;
    } else (hasEllipsis ? after : before).push(readField(reader));
  } while (reader.take(/,/) !== undefined);
  reader.expect(/\]/);
  reader.expectEnd();
  const count = before.length + after.length;
  return (message) => {
    const fields = fieldsOf(message);
    if (hasEllipsis ? fields.length < count : fields.length !== count) return false;
    const last = fields.slice(fields.length - after.length);
    return (
      before.every((meets, index) => meets(fields[index] ?? '')) &&
      after.every((meets, index) => meets(last[index] ?? ''))
    );
  };
}

/** A name with conditions on it: `status`, `status = 4*`, `status = 4* || status = 5*`. */
function readField(reader: PatternReader): FieldCondition {
  let isBare = false;
  const condition = readCondition<string>(reader, (inner) => {
    inner.expect(/[\w.\-@]+/);
    const compare = readComparison(inner, BARE_OPERAND);
    isBare ||= compare === undefined;
    return compare ?? (() => true);
  });
  return isBare ? () => true : condition;
}

/** The fields of a message: each between brackets, between quotes, or up to the next white space. */
function fieldsOf(message: string): string[] {
  const fields: string[] = [];
  const space = /\s|$/g;
  // Where there is no closing character any more, later fields need not look for it.
  const endOf = { '[': ']', '"': '"' };
  const missing = new Set<string>();
  for (let at = 0; at < message.length;) {
    const first = message[at] ?? '';
    if (/\s/.test(first)) {
      at++;
      continue;
    }
    if ((first === '[' || first === '"') && !missing.has(first)) {
      const end = message.indexOf(endOf[first], at + 1);
      if (end >= 0) {
        fields.push(message.slice(at + 1, end));
        at = end + 1;
        continue;
      }
      missing.add(first);
    }
    space.lastIndex = at;
    const end = space.exec(message)?.index ?? message.length;
    fields.push(message.slice(at, end));
    at = end;
  }
  return fields;
}
