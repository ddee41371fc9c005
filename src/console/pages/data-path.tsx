import type { PathStep } from '../data-path.ts';
import { useLive } from './ui.tsx';

const WORDS = { good: 'well', warn: 'warning', bad: 'problem' } as const;
const SIGNS = { good: '✓', warn: '!', bad: '✕' } as const;

/** The way of records through the stream. The first red from the left is the usual cause. */
export function DataPath({ stream }: { readonly stream: string }) {
  const { data } = useLive<{ readonly steps: readonly PathStep[] }>({ topic: 'path', stream });
  return (
    <ol class="path" aria-label="The way of records">
      {(data?.steps ?? []).map(({ name, state, value, says, link }) => (
        <li key={name}>
          <a class={state} href={link}>
            <small>
              {state !== '' && (
                <>
                  <span aria-hidden="true">{SIGNS[state]}</span> <span class="sr">{WORDS[state]}: </span>
                </>
              )}
              {name}
            </small>
            <b>{value}</b>
            <small class="cut">{says}</small>
          </a>
        </li>
      ))}
    </ol>
  );
}
