import { call } from './api.ts';
import { clock, inert } from './format.ts';
import { Problem, useCall } from './ui.tsx';

interface LogEvent {
  readonly timestamp?: number;
  readonly message?: string;
}

const SINCE_MS = 120_000;
const LINES_SHOWN = 12;

/** Why a function has failed last, and what it has printed. `turn` reads it again. */
export function FunctionLog({ name, turn }: { readonly name: string; readonly turn: number }) {
  const { data, problem } = useCall(() => lastEvents(name), [name, turn]);
  if (data === undefined || data.length === 0) return <Problem text={problem} />;
  const lines = data.map(
    ({ timestamp = 0, message = '' }) => `${clock(timestamp).slice(0, 8)} ${message.trimEnd()}`,
  );
  const error = data.map(({ message = '' }) => errorIn(message)).findLast((text) => text !== undefined);
  return (
    <>
      {error !== undefined && (
        <p>
          <b>Last error:</b> <code>{inert(error)}</code>
        </p>
      )}
      <details class="small">
        <summary>What it printed last</summary>
        <pre class="block payload" tabIndex={0} aria-label={`Log of ${name}`}>
          {inert(lines.join('\n'))}
        </pre>
      </details>
    </>
  );
}

async function lastEvents(name: string): Promise<readonly LogEvent[]> {
  const { events = [] } = await call<{ events?: readonly LogEvent[] }>('logs', 'FilterLogEvents', {
    logGroupName: `/aws/lambda/${name}`,
    startTime: Date.now() - SINCE_MS,
  });
  return events
    .filter(({ message = '' }) => !/^(?:START|END|REPORT|INIT_START) /.test(message))
    .slice(-LINES_SHOWN);
}

/** The error that a runtime prints when an invocation fails: Node.js as JSON, others as a line. */
function errorIn(message: string): string | undefined {
  const { type, text } =
    /"errorType":"(?<type>[^"]*)","errorMessage":"(?<text>(?:[^"\\]|\\.)*)"/.exec(message)?.groups ?? {};
  if (type !== undefined && text !== undefined) return `${type}: ${String(JSON.parse(`"${text}"`))}`;
  return /\[ERROR\]\s+(.*)/.exec(message)?.[1];
}
