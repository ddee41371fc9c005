// Controls, and the marks that change the direction of text: a terminal obeys them.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001B': '\\e' };

/** A text that can contain anything, on one line that no terminal takes as a command. */
export function plain(text: string): string {
  return text.replaceAll(
    UNSAFE,
    (unsafe) => NAMES[unsafe] ?? `\\u${(unsafe.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** What is kept of a text of several lines: its lines and tabs, and bold as `bold` writes it. */
// oxlint-disable-next-line no-control-regex
const KEPT = /(\n|\t|\u001B\[(?:1|22)m)/;

/** The same for a text of several lines. */
export function plainText(text: string): string {
  return text
    .split(KEPT)
    .map((part, at) => (at % 2 === 0 ? plain(part) : part))
    .join('');
}
