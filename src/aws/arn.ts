/** A parsed Amazon Resource Name: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  /** Empty for resources without a region, such as buckets. */
  readonly region: string;
  /** Empty for resources without an account, such as buckets. */
  readonly accountId: string;
  /** May contain colons and slashes. */
  readonly resource: string;
}

const form =
  /^arn:(?<partition>aws[a-zA-Z-]*):(?<service>[a-z0-9-]+):(?<region>[a-z0-9-]*):(?<accountId>\d{12}|):(?<resource>.+)$/s;

/** Undefined for a text that is not an ARN. Whether the resource's name is valid is up to its service. */
export function parseArn(text: string): Arn | undefined {
  const { partition, service, region, accountId, resource } = form.exec(text)?.groups ?? {};
  if (
    partition === undefined ||
    service === undefined ||
    region === undefined ||
    accountId === undefined ||
    resource === undefined
  ) {
    return undefined;
  }
  return { partition, service, region, accountId, resource };
}

/** Region and account of a resource. */
export interface RegionAndAccount {
  readonly region: string;
  readonly accountId: string;
}

/** The ARN of a resource of this server. */
export function formatArn(
  service: string,
  { region, accountId }: RegionAndAccount,
  resource: string,
): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
