import { type ApplicationLevel, applicationLevels } from '../function-logging.ts';

/** Names of the same levels in other logging libraries. */
const SAME: Readonly<Record<string, ApplicationLevel>> = { WARNING: 'WARN', CRITICAL: 'FATAL' };

/**
 * Whether a line that a function wrote to its standard output belongs into its log: one that is a JSON object by its
 * `level`, any other one has the level INFO.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function isLogged(line: string, least: ApplicationLevel | undefined): boolean {
  if (least === undefined || least === 'TRACE') return true;
  return applicationLevels.indexOf(levelOf(line)) >= applicationLevels.indexOf(least);
}

function levelOf(line: string): ApplicationLevel {
  const name = levelIn(line)?.toUpperCase() ?? '';
  return SAME[name] ?? applicationLevels.find((level) => level === name) ?? 'INFO';
}

function levelIn(line: string): string | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const { level } = JSON.parse(line) as { readonly level?: unknown };
    return typeof level === 'string' ? level : undefined;
  } catch {
    return undefined;
  }
}
