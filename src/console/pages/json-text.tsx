import { inert } from './format.ts';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;
/** More parts than this take longer to draw than a frame has. */
const PARTS_MAX = 8000;

/** JSON in colours. It is cut where its text says, never parsed: numbers stay as they are. */
export function JsonText({ text }: { readonly text: string }) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (parts.length >= PARTS_MAX) break;
    const [all, string, colon] = match;
    const [, , , number, word] = match;
    if (match.index > end) parts.push(inert(text.slice(end, match.index)));
    const kind =
      string !== undefined
        ? colon === undefined
          ? 'j-s'
          : 'j-k'
        : number !== undefined
          ? 'j-n'
          : word === undefined
            ? ''
            : 'j-w';
    parts.push(<span class={kind}>{inert(string ?? all)}</span>);
    if (colon !== undefined) parts.push(colon);
    end = match.index + all.length;
  }
  return (
    <>
      {parts}
      {inert(text.slice(end))}
    </>
  );
}
