import type { OwnerInfo } from './shared-log.ts';

/** An owner as the log has it, perhaps written by another version; undefined without what every version writes. */
export function ownerOf({ url, version, settings }: Partial<OwnerInfo>): OwnerInfo | undefined {
  if (url === undefined || version === undefined) return undefined;
  return { url, version, ...(settings !== undefined && { settings }) };
}
