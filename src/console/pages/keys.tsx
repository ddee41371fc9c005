import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useModal } from './ui.tsx';

const isShown = signal(false);

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search or filter'],
  ['Space', 'Pause or resume the records'],
  ['j  k', 'Next or previous record'],
  ['Enter', 'Open the record'],
  ['Esc', 'Close the record or the dialog'],
  ['g o  g s', 'Overview, streams'],
  ['g f  g d', 'Functions, deliveries'],
  ['g b  g q', 'Objects (buckets), topics and queues'],
  ['g a  g c', 'Alarms, activity (changes)'],
  ['?', 'These keys'],
];

/** After `g`. */
const PLACES: Readonly<Record<string, string>> = {
  o: '',
  s: 'streams',
  f: 'functions',
  d: 'deliveries',
  b: 'objects',
  q: 'messaging',
  a: 'alarms',
  c: 'activity',
};

/** Whether a key is typed into a field. */
export function isTyping({ target }: Event): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}

export function useGlobalKeys(): void {
  useEffect(() => {
    let isGoing = false;
    const listen = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-search]');
        if (field !== null) event.preventDefault();
        field?.focus();
      } else if (event.key === '?') isShown.value = true;
      else if (isGoing && Object.hasOwn(PLACES, event.key)) location.hash = `#/${PLACES[event.key]}`;
      isGoing = event.key === 'g';
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

export function KeyHelp() {
  return isShown.value ? <KeyDialog /> : null;
}

function KeyDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  return (
    <dialog ref={dialog} onClose={() => (isShown.value = false)} aria-labelledby="keys-title">
      <h1 id="keys-title">Keys</h1>
      <table>
        <tbody>
          {KEYS.map(([key, meaning]) => (
            <tr key={key}>
              <td>
                <kbd>{key}</kbd>
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
