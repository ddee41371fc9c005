import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { parseWithBigInts, stringify } from '../../../src/delivery/iceberg/exact-json.ts';

/** What becomes of a commit; `late` lands when the next request arrives. */
export type CommitFate = 'well' | 'conflict' | 'lost before' | 'lost after' | 'late' | 'unanswered' | 500;

type Json = Record<string, unknown>;

/** A REST catalog in memory, whose commits end as `fate` says. It keeps tables as their metadata in JSON. */
export class CatalogDouble {
  readonly #server: http.Server;
  readonly tables = new Map<string, Json>();
  readonly requests: string[] = [];
  readonly headers: http.IncomingHttpHeaders[] = [];
  fate: (commit: number) => CommitFate = () => 'well';
  /** Called before a commit is looked at, as another writer would come first. */
  before: () => void = () => {};
  /** Answers of any request instead of the catalog's own. */
  answer: (path: string) => { status: number; body: string } | undefined = () => undefined;
  location: (name: string) => string = (name) => `s3://lake/${name}`;
  config: Json = { defaults: {}, overrides: {} };
  #commits = 0;
  #late: (() => void)[] = [];

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<CatalogDouble> {
    const catalog = new CatalogDouble();
    catalog.#server.listen(0, '127.0.0.1');
    await once(catalog.#server, 'listening');
    return catalog;
  }

  get url(): string {
    // A server on a port has such an address.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  create(
    name: string,
    fields: readonly Json[],
    options: { spec?: readonly Json[]; version?: number } = {},
  ): void {
    this.tables.set(name, {
      'format-version': options.version ?? 2,
      'table-uuid': `uuid-${this.tables.size}`,
      location: this.location(name),
      'last-sequence-number': 0,
      'last-column-id': fields.length,
      'current-schema-id': 0,
      schemas: [{ type: 'struct', 'schema-id': 0, fields }],
      'default-spec-id': 0,
      'partition-specs': [{ 'spec-id': 0, fields: options.spec ?? [] }],
      'default-sort-order-id': 0,
      properties: {},
      'current-snapshot-id': -1,
      snapshots: [],
    });
  }

  table(name: string): Json {
    return this.tables.get(name) ?? {};
  }

  snapshots(name: string): { summary: Record<string, string>; 'manifest-list': string }[] {
    return (this.table(name)['snapshots'] ?? []) as never;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString();
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    this.requests.push(`${request.method} ${request.url}`);
    this.headers.push(request.headers);
    for (const land of this.#late.splice(0)) land();
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(stringify(value));
    };
    const other = this.answer(pathname);
    if (other !== undefined) return void response.writeHead(other.status).end(other.body);
    if (pathname.endsWith('/config')) return send(200, this.config);
    const [, database = '', table = ''] = /\/namespaces\/([^/]+)\/tables(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (database === '') return send(200, {});
    if (table === '') return this.#create(database, parseWithBigInts(body) as Json, send);
    const name = `${decodeURIComponent(database)}.${decodeURIComponent(table)}`;
    const metadata = this.tables.get(name);
    if (metadata === undefined) {
      return send(404, { error: { message: 'no such table', type: 'NoSuchTableException', code: 404 } });
    }
    if (request.method === 'GET') {
      const all = metadata['snapshots'] as Json[];
      const head = all.filter((one) => one['snapshot-id'] === metadata['current-snapshot-id']);
      const snapshots = searchParams.get('snapshots') === 'refs' ? head : all;
      return send(200, { metadata: { ...metadata, snapshots }, config: {} });
    }
    this.#commit(name, parseWithBigInts(body) as never, response, send);
  }

  #create(database: string, definition: Json, send: (status: number, value: unknown) => void): void {
    const name = `${decodeURIComponent(database)}.${String(definition['name'])}`;
    if (this.tables.has(name)) return send(409, { error: { message: 'exists' } });
    const { fields } = definition['schema'] as { fields: Json[] };
    const { fields: spec } = definition['partition-spec'] as { fields: Json[] };
    this.create(name, fields, { spec: spec.map((field, index) => ({ 'field-id': 1000 + index, ...field })) });
    const { location } = definition;
    if (location !== undefined) this.table(name)['location'] = location;
    send(200, { metadata: this.table(name) });
  }

  #commit(
    name: string,
    commit: { requirements: Json[]; updates: Json[] },
    response: http.ServerResponse,
    send: (status: number, value: unknown) => void,
  ): void {
    const fate = this.fate(++this.#commits);
    this.before();
    const land = (): boolean => this.#apply(name, commit);
    if (fate === 'conflict') return send(409, { error: { message: 'conflict' } });
    if (fate === 'unanswered') return;
    if (fate === 'lost before') return void response.destroy();
    if (fate === 'late') this.#late.push(land);
    if (fate === 'late' || (fate === 'lost after' && land())) return void response.destroy();
    if (fate === 500 && land())
      return send(500, { error: { message: 'oops', type: 'CommitStateUnknownException' } });
    if (!land()) return send(409, { error: { message: 'conflict', type: 'CommitFailedException' } });
    send(200, { metadata: this.table(name) });
  }

  #apply(name: string, { requirements, updates }: { requirements: Json[]; updates: Json[] }): boolean {
    const table = { ...this.table(name) };
    if (!requirements.every((requirement) => holds(requirement, table))) return false;
    for (const update of updates) apply(update, table);
    this.tables.set(name, table);
    return true;
  }
}

function holds(requirement: Json, table: Json): boolean {
  switch (requirement['type']) {
    case 'assert-table-uuid':
      return requirement['uuid'] === table['table-uuid'];
    case 'assert-ref-snapshot-id':
      return (requirement['snapshot-id'] ?? -1) === table['current-snapshot-id'];
    case 'assert-current-schema-id':
      return requirement['current-schema-id'] === table['current-schema-id'];
    case 'assert-last-assigned-field-id':
      return requirement['last-assigned-field-id'] === table['last-column-id'];
    default:
      throw new Error(`unknown requirement ${String(requirement['type'])}`);
  }
}

function apply(update: Json, table: Json): void {
  switch (update['action']) {
    case 'add-snapshot': {
      const snapshot = update['snapshot'] as Json;
      table['snapshots'] = [...(table['snapshots'] as Json[]), snapshot];
      table['last-sequence-number'] = snapshot['sequence-number'];
      return;
    }
    case 'set-snapshot-ref':
      table['current-snapshot-id'] = update['snapshot-id'];
      return;
    case 'set-properties':
      table['properties'] = { ...(table['properties'] as Json), ...(update['updates'] as Json) };
      return;
    case 'remove-properties': {
      const removals = update['removals'] as string[];
      table['properties'] = Object.fromEntries(
        Object.entries(table['properties'] as Json).filter(([name]) => !removals.includes(name)),
      );
      return;
    }
    case 'add-schema':
      table['schemas'] = [...(table['schemas'] as Json[]), update['schema']];
      table['last-column-id'] = update['last-column-id'];
      return;
    case 'set-current-schema':
      table['current-schema-id'] = (table['schemas'] as Json[]).at(-1)?.['schema-id'];
      return;
    default:
      throw new Error(`unknown update ${String(update['action'])}`);
  }
}
