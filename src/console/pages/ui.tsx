import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { Action } from './actions/index.ts';
import { ApiError, call } from './api.ts';
import { type Listener, subscribe } from './live.ts';

const ICONS = {
  overview: 'M3 12h4l3-8 4 16 3-8h4',
  streams: 'M3 7c4-4 6-4 9 0s5 4 9 0M3 13c4-4 6-4 9 0s5 4 9 0M3 19c4-4 6-4 9 0s5 4 9 0',
  functions: 'M7 4l-4 8 4 8M17 4l4 8-4 8M14 5l-4 14',
  alarms: 'M6 16V11a6 6 0 0112 0v5l2 2H4zM10 21h4',
  server: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  topics: 'M4 6h16v9H9l-5 4z',
  deliveries: 'M4 12h13M12 6l6 6-6 6M21 5v14',
  objects: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  activity: 'M12 6v6l4 2M12 3a9 9 0 100 18 9 9 0 000-18',
  good: 'M4 12l5 5L20 6',
  bad: 'M12 4v10M12 19h.01',
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={ICONS[name]} />
    </svg>
  );
}

/** Names with their values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | '';

export function Tag({ tone = '', children }: { readonly tone?: Tone; readonly children: ComponentChildren }) {
  const sign = tone === 'good' ? '✓' : tone === 'bad' ? '✕' : tone === 'warn' ? '!' : undefined;
  return (
    <span class={`tag ${tone}`}>
      {sign && <span aria-hidden="true">{sign}</span>}
      {children}
    </span>
  );
}

/** A small chart; what it shows is beside it as a number. */
export function Spark({
  values,
  width = 96,
  height = 24,
}: {
  readonly values: readonly number[];
  readonly width?: number;
  readonly height?: number;
}) {
  const top = Math.max(1e-9, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
  );
  return (
    <svg
      class="spark"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      preserveAspectRatio="none"
    >
      {values.length > 1 && (
        <>
          <polygon
            points={`0,${height} ${points.join(' ')} ${width},${height}`}
            fill="currentColor"
            opacity="0.13"
          />
          <polyline points={points.join(' ')} fill="none" stroke="currentColor" stroke-width="1.5" />
        </>
      )}
    </svg>
  );
}

export function Bar({ share, tone = 'accent' }: { readonly share: number; readonly tone?: Tone }) {
  const color = tone === 'bad' ? 'var(--bad)' : tone === 'warn' ? 'var(--warn)' : 'var(--accent)';
  return (
    <span class="bar" aria-hidden="true">
      <svg viewBox="0 0 100 1" preserveAspectRatio="none">
        <rect width={Math.min(100, share * 100)} height="1" fill={color} />
      </svg>
    </span>
  );
}

export function Stat({
  label,
  value,
  detail,
  children,
}: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly detail?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="panel stat">
      <small>{label}</small>
      <b>{value}</b>
      {detail !== undefined && <small>{detail}</small>}
      {children}
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

export interface Live<T> {
  readonly data: T | undefined;
  readonly problem: string | undefined;
}

/** The newest message of a topic. */
export function useLive<T>(request: object): Live<T> {
  const state = useSignal<Live<T>>({ data: undefined, problem: undefined });
  const key = JSON.stringify(request);
  useEffect(() => {
    state.value = { data: undefined, problem: undefined };
    const listener: Listener = {
      message(message) {
        const ended = message['ended'] as { message?: string } | undefined;
        state.value =
          ended === undefined
            ? { data: message as T, problem: undefined }
            : { data: state.value.data, problem: ended.message };
      },
      refused: (_code, text) => (state.value = { data: undefined, problem: text }),
    };
    return subscribe(request, listener);
    // The request is compared by what it says.
  }, [key]);
  return state.value;
}

/** What a call of the API has answered; `reload` calls again. */
export function useCall<T>(load: () => Promise<T>, keys: readonly unknown[]): Live<T> & { reload(): void } {
  const [state, setState] = useState<Live<T>>({ data: undefined, problem: undefined });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (data) => isCurrent && setState({ data, problem: undefined }),
      (error: unknown) => isCurrent && setState((last) => ({ data: last.data, problem: messageOf(error) })),
    );
    return () => {
      isCurrent = false;
    };
  }, [...keys, turn]);
  return { ...state, reload: () => setTurn((last) => last + 1) };
}

export function messageOf(error: unknown): string {
  if (error instanceof ApiError)
    return error.message === '' ? error.code : `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : 'It failed.';
}

export function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="note bad" role="alert">
      {text}
    </p>
  );
}

export function Loading() {
  return (
    <p class="muted" role="status">
      Loading …
    </p>
  );
}

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [isDone, setDone] = useState(false);
  return (
    <button
      type="button"
      class="quiet small"
      onClick={() => {
        void copy(text).then(() => setDone(true));
        setTimeout(() => setDone(false), 1500);
      }}
    >
      {isDone ? 'Copied' : label}
    </button>
  );
}

/** Plain HTTP to another machine has no clipboard API. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return await navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** Commands to paste, of which each does the same. */
export function FirstSteps({ commands }: { readonly commands: readonly string[] }) {
  return <pre class="block">{commands.join('\n')}</pre>;
}

/** Opens a dialog before the next key: an effect that waits for the paint would let a fast hand type behind it. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useLayoutEffect(() => dialog.current?.showModal(), []);
}

/** A dialog for one action. It shows the commands that do the same, and asks for a name before it destroys. */
export function ActionDialog({
  title,
  verb,
  commands,
  confirm,
  isDangerous = false,
  staysOpen = false,
  run,
  close,
  children,
}: {
  readonly title: string;
  readonly verb: string;
  readonly commands: readonly string[];
  /** What must be typed first. */
  readonly confirm?: string;
  readonly isDangerous?: boolean;
  /** To show the result. */
  readonly staysOpen?: boolean;
  readonly run: () => Promise<unknown>;
  readonly close: (isDone: boolean) => void;
  readonly children?: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useModal(dialog);
  const submit = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    run().then(
      () => (staysOpen ? setBusy(false) : close(true)),
      (error: unknown) => {
        setProblem(messageOf(error));
        setBusy(false);
      },
    );
  };
  return (
    <dialog ref={dialog} onClose={() => close(false)} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
        <h1 id="dialog-title">{title}</h1>
        {children}
        {confirm !== undefined && (
          <label class="field">
            <span>
              Type <code>{confirm}</code> to confirm
            </span>
            <input
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
              autocomplete="off"
            />
          </label>
        )}
        <Problem text={problem} />
        <details>
          <summary class="small">The same on the command line</summary>
          <pre class="block">{commands.join('\n')}</pre>
        </details>
        <div class="row">
          <button
            type="submit"
            class={isDangerous ? 'danger' : 'primary'}
            disabled={isBusy || (confirm !== undefined && typed !== confirm)}
          >
            {verb}
          </button>
          <button type="button" onClick={() => close(false)}>
            {staysOpen ? 'Close' : 'Cancel'}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** A dialog for an action of the table. What it takes is asked for in `children`. */
export function Perform({
  action: { title, verb, says, confirm, commands, call: request },
  close,
  children,
}: {
  readonly action: Action;
  readonly close: (isDone: boolean) => void;
  readonly children?: ComponentChildren;
}) {
  return (
    <ActionDialog
      title={title}
      verb={verb}
      commands={commands}
      {...(confirm !== undefined && { confirm, isDangerous: true })}
      run={() => call(...request)}
      close={close}
    >
      <p class={confirm === undefined ? '' : 'note warn'}>{says}</p>
      {children}
    </ActionDialog>
  );
}

/** The heading of a column; of numbers, which are aligned to the right. */
export type Column = string | { readonly number: string };

/** A table that scrolls in itself where the window is narrow, also by keyboard. */
export function DataTable({
  label,
  columns,
  hasActions = false,
  children,
}: {
  readonly label: string;
  readonly columns: readonly Column[];
  /** The rows end with buttons. */
  readonly hasActions?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) =>
              typeof column === 'string' ? (
                <th key={column}>{column}</th>
              ) : (
                <th key={column.number} class="num">
                  {column.number}
                </th>
              ),
            )}
            {hasActions && (
              <th>
                <span class="sr">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
