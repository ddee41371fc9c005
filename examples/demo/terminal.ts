import { styleText } from 'node:util';

export function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function title(text: string): void {
  tell(`\n${styleText('bold', text)}`);
}

/** A step that is done. */
export function tick(text: string): void {
  tell(`  ${styleText('green', '✓')} ${text}`);
}
