import type { Clock } from '../../support/clock.ts';
import { IcebergError } from './errors.ts';
import { parseWithBigInts, stringify } from './exact-json.ts';
import type { HttpClient, JsonResponse } from '../../support/http-json.ts';
import { icebergLimits } from './limits.ts';
import { readTableMetadata, type TableMetadata } from './table-metadata.ts';

export interface RestCatalogOptions {
  /** Without `/v1`. */
  readonly url: string;
  readonly warehouse?: string | undefined;
  /** Read for each request, so that a token that is renewed in its file takes effect. */
  readonly token?: (() => Promise<string>) | undefined;
  /** Also request credentials for the store of a table. */
  readonly wantsCredentials: boolean;
  readonly http: HttpClient;
  readonly clock: Clock;
}

export interface TableName {
  /** The namespace, with one level: a database. */
  readonly database: string;
  readonly table: string;
}

export interface LoadedTable {
  readonly metadata: TableMetadata;
  /** The catalog's settings for the files of this table, such as `s3.endpoint`. */
  readonly config: Readonly<Record<string, string>>;
}

/** The result of a commit. After `unknown`, reload the table: the commit may or may not take effect. */
export type CommitResult = 'committed' | 'conflict' | 'unknown';

export interface Commit {
  readonly requirements: readonly unknown[];
  readonly updates: readonly unknown[];
}

/** Credentials for files whose locations begin with the prefix. */
interface StorageCredential {
  readonly prefix: string;
  readonly config: Readonly<Record<string, string>>;
}

interface CatalogConfig {
  readonly prefix: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly untilMs: number;
}

/**
 * A client of the part of the Iceberg REST catalog API that appending needs:
 * https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml
 */
export class RestCatalog {
  readonly #options: RestCatalogOptions;
  #config: CatalogConfig | undefined;

  constructor(options: RestCatalogOptions) {
    this.#options = options;
  }

  /**
   * Undefined if the table does not exist. With `refs`, loads only the snapshots that are heads of branches and tags.
   * Throws IcebergError.
   */
  async load(
    { database, table }: TableName,
    snapshots: 'refs' | 'all',
    signal: AbortSignal,
  ): Promise<LoadedTable | undefined> {
    const path = `namespaces/${encodeURIComponent(database)}/tables/${encodeURIComponent(table)}`;
    const response = await this.#call('GET', `${path}?snapshots=${snapshots}`, undefined, signal);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw refused(response);
    return await this.#loaded(response, signal);
  }

  /** Returns true if it created the table, false if the table exists already. Throws IcebergError. */
  async createTable(
    { database, table }: TableName,
    definition: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const path = `namespaces/${encodeURIComponent(database)}/tables`;
    const response = await this.#call('POST', path, { name: table, ...definition }, signal);
    if (response.status === 200) return true;
    if (response.status === 409) return false;
    throw refused(response);
  }

  /** Creates a namespace unless it exists. Throws IcebergError. */
  async createNamespace(database: string, signal: AbortSignal): Promise<void> {
    const response = await this.#call(
      'POST',
      'namespaces',
      { namespace: [database], properties: {} },
      signal,
    );
    if (response.status !== 200 && response.status !== 409) throw refused(response);
  }

  /** Throws IcebergError if the catalog refuses the commit for another reason than a conflict. */
  async commit({ database, table }: TableName, commit: Commit, signal: AbortSignal): Promise<CommitResult> {
    const path = `namespaces/${encodeURIComponent(database)}/tables/${encodeURIComponent(table)}`;
    // Load the configuration first: if that fails, no commit was sent, so the result is not unknown.
    await this.#configuration(signal);
    let response: JsonResponse;
    try {
      response = await this.#call('POST', path, commit, signal);
    } catch (error) {
      if (signal.aborted || isRefusal(error)) throw error;
      return 'unknown';
    }
    if (response.status === 200 || response.status === 204) return 'committed';
    if (response.status === 409) return 'conflict';
    if (response.status >= 500) return 'unknown';
    throw refused(response);
  }

  async #loaded({ body }: JsonResponse, signal: AbortSignal): Promise<LoadedTable> {
    const { properties } = await this.#configuration(signal);
    const {
      metadata,
      config = {},
      'storage-credentials': credentials = [],
    } = parse(body) as {
      readonly metadata: unknown;
      readonly config?: Readonly<Record<string, string>>;
      readonly 'storage-credentials'?: readonly StorageCredential[];
    };
    const table = readTableMetadata(metadata);
    const closest = credentials
      .filter(({ prefix }) => `${table.location}/`.startsWith(prefix))
      .toSorted((left, right) => right.prefix.length - left.prefix.length);
    return { metadata: table, config: { ...properties, ...config, ...closest[0]?.config } };
  }

  async #call(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal) {
    const { prefix } = await this.#configuration(signal);
    return await this.#send(method, `${prefix}${path}`, body, signal);
  }

  /** The catalog's path prefix, and its settings for all clients. */
  async #configuration(signal: AbortSignal): Promise<CatalogConfig> {
    const { warehouse, clock } = this.#options;
    if (this.#config !== undefined && clock.now() < this.#config.untilMs) return this.#config;
    const query = warehouse === undefined ? '' : `?warehouse=${encodeURIComponent(warehouse)}`;
    const response = await this.#send('GET', `config${query}`, undefined, signal);
    if (response.status !== 200) throw refused(response);
    const { defaults = {}, overrides = {} } = parse(response.body) as {
      readonly defaults?: Readonly<Record<string, string>>;
      readonly overrides?: Readonly<Record<string, string>>;
    };
    const properties = { ...defaults, ...overrides };
    const prefix = properties['prefix'];
    this.#config = {
      properties,
      // Slashes are part of some catalogs' prefixes; S3 Tables gives an ARN, encoded already.
      prefix: prefix === undefined || prefix === '' ? '' : `${prefix}/`,
      untilMs: clock.now() + icebergLimits.catalogConfigLifeMs,
    };
    return this.#config;
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<JsonResponse> {
    const { url, token, http, wantsCredentials } = this.#options;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${await readToken(token)}` };
    const delegation = wantsCredentials ? { 'x-iceberg-access-delegation': 'vended-credentials' } : {};
    const request = {
      method,
      url: `${url.replace(/\/+$/, '')}/v1/${path}`,
      headers: { ...authorization, ...delegation },
      ...(body !== undefined && { body: stringify(body) }),
    };
    try {
      return await http.send(request, signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no answer';
      throw new IcebergError('Iceberg.CatalogUnavailable', `The catalog cannot be reached: ${reason}`, {
        cause: error,
      });
    }
  }
}

async function readToken(token: () => Promise<string>): Promise<string> {
  try {
    return await token();
  } catch (error) {
    throw new IcebergError('Iceberg.CatalogRefused', "The catalog's token cannot be read.", { cause: error });
  }
}

/** Failures before the request was sent, or by a response of the catalog. */
function isRefusal(error: unknown): boolean {
  return error instanceof IcebergError && error.code !== 'Iceberg.CatalogUnavailable';
}

function parse(body: string): unknown {
  try {
    const value = parseWithBigInts(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Not JSON: falls through to the same error as for a JSON value of another type.
  }
  throw new IcebergError('Iceberg.CatalogUnavailable', "The catalog's response is not a JSON object.");
}

const SHOWN_CHARACTERS_MAX = 500;

/** Server errors may be transient; other errors concern the request. */
function refused({ status, body }: JsonResponse): IcebergError {
  let message = body;
  try {
    const { error } = JSON.parse(body) as { error?: { message?: string; type?: string } };
    message = `${error?.type ?? ''} ${error?.message ?? ''}`.trim() || body;
  } catch {
    // The response may be HTML from a proxy.
  }
  return new IcebergError(
    status >= 500 || status === 429 ? 'Iceberg.CatalogUnavailable' : 'Iceberg.CatalogRefused',
    `The catalog responded with status ${status}: ${message.slice(0, SHOWN_CHARACTERS_MAX)}`,
  );
}
