/** The columns of one version of a table. */
export interface TableSchema {
  readonly versionId: string;
  /** In order, without the partition keys: these are in the names of objects. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The schemas that the table catalog offers to other services. */
export interface TableSchemas {
  /** Undefined when the table or version does not exist. A version is a number, or `LATEST`. */
  find(table: TableReference): Promise<TableSchema | undefined>;
}

export interface TableReference {
  /** Default: the account of the server. */
  readonly catalogId?: string | undefined;
  readonly databaseName: string;
  readonly tableName: string;
  readonly versionId: string;
}
