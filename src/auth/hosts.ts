import { isIPv4, isIPv6 } from 'node:net';
import { isLoopbackAddress } from '../support/loopback.ts';

/** What a request's Host (or :authority) addresses here. */
export interface ServedHost {
  /** S3's virtual-host style: the bucket that the host names. */
  readonly bucket: string | undefined;
}

const ADDRESS: ServedHost = { bucket: undefined };
const NAME = /^(?!.*\.\.)[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/;
/** With a region or without, dual-stack, accelerated. Names below amazonaws.com are AWS's to give. */
const S3_OF_AWS =
  /^(?:(.+?)\.)?s3(?:-accelerate|-fips)?(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$/;
const HOSTS_REMEMBERED_MAX = 1000;

/**
 * The names under which this server answers. A page whose own name an attacker lets resolve to 127.0.0.1 (DNS
 * rebinding) has the browser's leave to read the answers; what gives it away is the name that it came by.
 */
export class ServedHosts {
  readonly #names: ReadonlySet<string>;
  /** Below these, the first labels are a bucket's name. */
  readonly #bucketParents: readonly string[];
  readonly #known = new Map<string, ServedHost>();

  /** `listening` is the address the server listens on; `allowed` are names that the user gave. */
  constructor(listening: string, allowed: readonly string[]) {
    const given = allowed.map((name) => name.toLowerCase());
    this.#names = new Set(['localhost', listening.toLowerCase(), ...given]);
    this.#bucketParents = ['localhost', ...given.filter((name) => !isIPv4(name) && !isIPv6(name))];
  }

  /** Undefined for a host that is not served here. */
  find(authority: string): ServedHost | undefined {
    const known = this.#known.get(authority);
    if (known !== undefined) return known;
    const found = this.#decide(authority);
    if (found === undefined) return undefined;
    // Any bucket's name makes another host.
    if (this.#known.size >= HOSTS_REMEMBERED_MAX) this.#known.clear();
    this.#known.set(authority, found);
    return found;
  }

  #decide(authority: string): ServedHost | undefined {
    const host = hostOf(authority);
    if (host === undefined) return undefined;
    if (isLoopbackAddress(host) || this.#names.has(host)) return ADDRESS;
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
 * The name or address of `host[:port]` (RFC 3986, 3.2), in lower case and without the dot at a name's end. Undefined
 * for what is no host: user information, a port that is no number, an IPv6 address without brackets. Addresses in
 * other forms (`2130706433`, `0x7f.1`, `127.1`) are none: browsers send the usual one.
 */
function hostOf(authority: string): string | undefined {
  const [, address, name, port = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::(\d{0,5}))?$/i.exec(authority) ?? [];
  if (Number(port) > 65_535) return undefined;
  if (address !== undefined) return isIPv6(address) ? address.toLowerCase() : undefined;
  return name?.toLowerCase();
}
