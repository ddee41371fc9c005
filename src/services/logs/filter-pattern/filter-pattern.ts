import { unsupportedOption } from '../errors.ts';
import type { MessageFilter } from './conditions.ts';
import { parseFieldsPattern } from './fields.ts';
import { parseJsonPattern } from './json.ts';

/**
 * Compiles a filter pattern: `{...}` over JSON, `[...]` over space-delimited fields, or terms of plain text
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Throws InvalidParameterException for
 * an invalid one and for regular expressions.
 */
export function parseFilterPattern(pattern: string): MessageFilter {
  const text = pattern.trim();
  if (text.startsWith('{')) return parseJsonPattern(text);
  if (text.startsWith('[')) return parseFieldsPattern(text);
  return parseTerms(text);
}

/** Every term must occur; `?term`: at least one of these; `-term`: none of these; `"several words"` literally. */
function parseTerms(text: string): MessageFilter {
  const all: string[] = [];
  const any: string[] = [];
  const none: string[] = [];
  for (const [, sign, quoted, bare] of text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    if (/^%.+%$/.test(bare ?? '')) throw unsupportedOption('regular expressions in filter patterns');
    const term = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '';
    const terms = sign === '?' ? any : sign === '-' ? none : all;
    terms.push(term);
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    // With a required term, CloudWatch ignores the optional ones.
    (any.length === 0 || all.length > 0 || any.some((term) => message.includes(term)));
}
