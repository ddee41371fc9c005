import { randomInt, randomUUID } from 'node:crypto';
import { usageError } from '../terminal.ts';

export const TEMPLATE_HELP =
  '{{n}} the number of the record from 1, {{time}}, {{ms}} milliseconds since the epoch, {{uuid}}, {{random 1 100}} a whole number, {{pick a b c}} one of these';

type Part = (number: number) => string;

/** Compiles the text of `--template`. Throws CommandError. */
export function compileTemplate(template: string): Part {
  const parts = template.split(/(\{\{[^{}]*\}\})/).map((text): Part => {
    const expression = /^\{\{\s*(.*?)\s*\}\}$/.exec(text)?.[1];
    if (expression === undefined) return () => text;
    const [name = '', ...args] = expression.split(/\s+/);
    const part = partOf(name, args);
    if (part === undefined)
      throw usageError(`--template has ${text}, which means nothing`, `there are ${TEMPLATE_HELP}`);
    return part;
  });
  return (number) => parts.map((part) => part(number)).join('');
}

function partOf(name: string, args: readonly string[]): Part | undefined {
  if (name === 'n') return String;
  if (name === 'time') return () => new Date().toISOString();
  if (name === 'ms') return () => String(Date.now());
  if (name === 'uuid') return () => randomUUID();
  if (name === 'pick' && args.length > 0) return () => args[randomInt(args.length)] ?? '';
  const [least, most] = args.map(Number);
  const isRange =
    least !== undefined && most !== undefined && Number.isSafeInteger(least) && Number.isSafeInteger(most);
  if (name !== 'random' || !isRange || most < least || most - least >= 2 ** 47) return undefined;
  return () => String(randomInt(least, most + 1));
}
