import { parseXml, XmlElement } from '../protocol/documents/xml-parser.ts';
import { AnsweredError, unexpected, type RunningServer } from './api.ts';
import { send } from './connect/send.ts';
import { CommandError } from './terminal.ts';

/** An element of a response in XML, read by the names of AWS's members. */
export class XmlOutput {
  readonly #element: XmlElement;

  constructor(element: XmlElement) {
    this.#element = element;
  }

  has(name: string): boolean {
    return this.#element.children.has(name);
  }

  /** Empty if it is missing. */
  text(name: string): string {
    return this.#element.children.get(name)?.[0]?.text ?? '';
  }

  child(name: string): XmlOutput {
    return new XmlOutput(this.#element.children.get(name)?.[0] ?? new XmlElement());
  }

  list(name: string): XmlOutput[] {
    return this.#members(name, 'member').map((member) => new XmlOutput(member));
  }

  /** A map of strings. */
  map(name: string): Record<string, string> {
    const entries = this.#members(name, 'entry').map((entry) => new XmlOutput(entry));
    return Object.fromEntries(entries.map((entry) => [entry.text('key'), entry.text('value')]));
  }

  #members(name: string, member: string): readonly XmlElement[] {
    return this.#element.children.get(name)?.[0]?.children.get(member) ?? [];
  }
}

/** A service with the query protocol. */
export interface QueryService {
  /** That requests are signed for. */
  readonly service: string;
  readonly version: string;
}

/** Calls an operation with strings as parameters. Throws CommandError, and AnsweredError with AWS's code. */
export async function callQuery(
  server: RunningServer,
  { service, version }: QueryService,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<XmlOutput> {
  const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const answer = await send(server, { method: 'POST', path: '/', service, headers, body });
  const document = parsed(answer.text);
  const isAnswer = answer.ok && document?.has('ResponseMetadata') === true;
  if (isAnswer) return document.child(`${action}Result`);
  const error = document?.child('Error');
  const code = error?.text('Code') ?? '';
  if (error === undefined || code === '') {
    throw new CommandError(unexpected(server, answer));
  }
  throw new AnsweredError(code, error.text('Message'), service);
}

function parsed(text: string): XmlOutput | undefined {
  try {
    return new XmlOutput(parseXml(text));
  } catch {
    return undefined;
  }
}
