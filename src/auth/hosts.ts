import { isIPv4, isIPv6 } from 'node:net';
import { isLoopbackAddress } from '../support/loopback.ts';

/** What a request's Host (or :authority) refers to on this server. */
export interface ServedHost {
  /** S3's virtual-host style: the bucket that the host names. */
  readonly bucket: string | undefined;
}

const ADDRESS: ServedHost = { bucket: undefined };
const NAME = /^(?!.*\.\.)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/;
/** With or without a region, dual-stack, accelerated. AWS controls all names below amazonaws.com. */
const S3_OF_AWS =
  /^(?:(.+?)\.)?s3(?:-accelerate|-fips)?(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$/;
const HOSTS_REMEMBERED_MAX = 1000;

/**
 * The names under which this server answers. A page whose own name resolves to 127.0.0.1 (DNS rebinding) could read
 * responses, because the browser considers them the page's own; the host name in its requests reveals it.
 */
export class ServedHosts {
  readonly #names: ReadonlySet<string>;
  /** Below these, the first labels are a bucket's name. */
  readonly #bucketParents: readonly string[];
  /**
   * Listening on all addresses: each address of this machine is the server's. A page cannot make a browser send an
   * address as the host of another one, only a name.
   */
  readonly #takesAddresses: boolean;
  readonly #known = new Map<string, ServedHost>();

  /** `listening` is the address that the server listens on; `allowed` are names from the settings. */
  constructor(listening: string, allowed: readonly string[]) {
    const given = allowed.map((name) => name.toLowerCase());
    this.#takesAddresses = listening === '0.0.0.0' || listening === '::';
    this.#names = new Set(['localhost', listening.toLowerCase(), ...given]);
    this.#bucketParents = ['localhost', ...given.filter((name) => !isIPv4(name) && !isIPv6(name))];
  }

  /** Returns undefined for a host that is not served here. */
  find(authority: string): ServedHost | undefined {
    const known = this.#known.get(authority);
    if (known !== undefined) return known;
    const found = this.#decide(authority);
    if (found === undefined) return undefined;
    // Clients can make up any number of bucket names.
    if (this.#known.size >= HOSTS_REMEMBERED_MAX) this.#known.clear();
    this.#known.set(authority, found);
    return found;
  }

  #decide(authority: string): ServedHost | undefined {
    const host = hostOf(authority);
    if (host === undefined) return undefined;
    if (isLoopbackAddress(host) || this.#names.has(host)) return ADDRESS;
    if (isIPv4(host) || isIPv6(host)) return this.#takesAddresses ? ADDRESS : undefined;
    if (!NAME.test(host)) return undefined;
    for (const parent of this.#bucketParents) {
      if (host.endsWith(`.${parent}`)) return { bucket: bucketBefore(host.slice(0, -parent.length - 1)) };
    }
    const ofAws = S3_OF_AWS.exec(host);
    return ofAws === null ? undefined : { bucket: ofAws[1] };
  }
}

/** `<bucket>`, `<bucket>.s3`, `<bucket>.s3.<region>`, or `s3` alone. */
function bucketBefore(labels: string): string | undefined {
  if (/^s3(?:[.-]|$)/.test(labels)) return undefined;
  return /^(.+?)\.s3(?:[.-].*)?$/.exec(labels)?.[1] ?? labels;
}

/**
 * Returns the name or address of `host[:port]` (RFC 3986, 3.2), in lower case and without a final dot. Undefined for
 * anything else: user information, an invalid port, an IPv6 address without brackets. Other notations of addresses
 * (`2130706433`, `0x7f.1`, `127.1`) are refused: browsers send the usual one.
 */
function hostOf(authority: string): string | undefined {
  const [, address, name, port = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::(\d{0,5}))?$/i.exec(authority) ?? [];
  if (Number(port) > 65_535) return undefined;
  if (address !== undefined) return isIPv6(address) ? address.toLowerCase() : undefined;
  return name?.toLowerCase();
}
