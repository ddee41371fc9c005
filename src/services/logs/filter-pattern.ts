import { unsupportedOption } from './errors.ts';

/**
 * Compiles CloudWatch's patterns for plain text: every term must occur; `?term`: at least one of these; `-term`: none
 * of these; `"several words"` literally
 * (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Throws InvalidParameterException
 * for patterns over JSON or fields, and for regular expressions.
 */
export function parseFilterPattern(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (/^[{[%]/.test(text)) throw unsupportedOption(`filter patterns that begin with ${text[0]}`);
  const all: string[] = [];
  const any: string[] = [];
  const none: string[] = [];
  for (const [, sign, quoted, bare] of text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
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
