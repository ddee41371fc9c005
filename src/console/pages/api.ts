import { signal } from '@preact/signals';
import { authorizeLive } from './live.ts';

export interface SessionInfo {
  readonly auth: 'off' | 'required';
  readonly mode: 'on' | 'read-only';
  readonly region: string;
  readonly accountId: string;
  readonly isLoggedIn: boolean;
  readonly version?: string;
  readonly who?: string;
  readonly csrf?: string;
}

export const session = signal<SessionInfo | undefined>(undefined);

/** The server has refused a request. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface ErrorBody {
  readonly code?: string;
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

async function send(path: string, init: RequestInit): Promise<unknown> {
  const response = await answered(path, init);
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as unknown);
}

/** Throws ApiError for an answer that is none. */
async function answered(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`api/${path}`, init);
  } catch {
    throw new ApiError('NoConnection', 'The server does not answer.');
  }
  if (response.ok) return response;
  const text = await response.text();
  const content = text === '' ? {} : (JSON.parse(text) as ErrorBody);
  if (response.status === 401) session.value = session.value && { ...session.value, isLoggedIn: false };
  const { code, __type, message, Message } = content;
  const name = code ?? __type ?? String(response.status);
  throw new ApiError(name.replace(/^.*#/, ''), message ?? Message ?? 'The request failed.');
}

export async function get<T>(path: string): Promise<T> {
  return (await send(path, {})) as T;
}

export async function post<T>(path: string, body: object, init: RequestInit = {}): Promise<T> {
  return (await send(path, { ...init, ...posted(body) })) as T;
}

function posted(body: object): RequestInit {
  const headers = { 'content-type': 'application/json', 'x-nagare-console': session.value?.csrf ?? '1' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

/** Calls an operation of a service: `call('kinesis', 'PutRecord', {...})`. */
export function call<T>(service: string, operation: string, input: object): Promise<T> {
  return post<T>(`call/${service}/${operation}`, input);
}

/** Calls an operation whose output is a file, and gives it to the browser to keep. */
export async function download(service: string, operation: string, input: object): Promise<void> {
  const response = await answered(`call/${service}/${operation}`, posted(input));
  const [, name = operation] =
    /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  // Not revoked: the browser reads it after the click, and the page forgets it when it is left.
  link.click();
}

export async function loadSession(): Promise<void> {
  const loaded = await get<SessionInfo>('session');
  if (loaded.csrf !== undefined) authorizeLive(loaded.csrf);
  // Who was logged in stays known: the page asks for the key again, above what is on it.
  session.value = loaded.isLoggedIn ? loaded : { ...session.value, ...loaded };
}
