import { computed, signal } from '@preact/signals';

/** The address is the state: a copied link shows the same. */
export interface Route {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = signal<Route>(parse(location.hash));
export const path = computed(() => route.value.path.join('/'));

addEventListener('hashchange', () => (route.value = parse(location.hash)));

export function linkTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Changes parts of the query; without an entry in the history, as for a filter that is being typed. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  replace(linkTo(path, { ...query, ...changes }));
}

/** Goes elsewhere without an entry in the history. */
export function replace(hash: string): void {
  history.replaceState(null, '', hash);
  route.value = parse(hash);
}

export function go(hash: string): void {
  location.hash = hash;
}
