/** The columns of a table in one of its versions. */
export interface TableSchema {
  readonly versionId: string;
  /** In their order, without the keys of partitions: these are in the names of objects. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What the table catalog offers to other services: the schemas by which they write. */
export interface TableSchemas {
  /** Undefined when there is no such table, or version. A version is a number, or `LATEST`. */
  find(table: TableReference): Promise<TableSchema | undefined>;
}

export interface TableReference {
  /** The id of the server's account when it is not given. */
  readonly catalogId?: string | undefined;
  readonly databaseName: string;
  readonly tableName: string;
  readonly versionId: string;
}
