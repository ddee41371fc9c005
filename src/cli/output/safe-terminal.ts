import type { Terminal } from '../terminal.ts';
import { plainText } from './plain.ts';

/** A terminal that obeys nothing that is printed: names, records and messages can contain anything. */
export function safeTerminal(terminal: Terminal): Terminal {
  return {
    ...terminal,
    // It changes with the window.
    get columns() {
      return terminal.columns;
    },
    print: (text) => terminal.print(terminal.columns === undefined ? text : plainText(text)),
    complain: (text) => terminal.complain(terminal.showsErrors ? plainText(text) : text),
  };
}
