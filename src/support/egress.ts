import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BlockList, isIP, Socket, type LookupFunction } from 'node:net';
import { networkInterfaces as systemInterfaces } from 'node:os';
import { promisify } from 'node:util';

/** An address that nagare does not connect to, unless it is allowed. */
export class EgressRefusedError extends Error {
  override readonly name = 'EgressRefusedError';
  readonly code = 'EEGRESS';

  constructor(host: string, address: string, why: string) {
    const named = host === address ? address : `${host} (${address})`;
    super(
      `nagare does not connect to ${named}: ${why}; to allow it, start nagare with --egress-allow ${address}`,
    );
  }
}

/** What `--egress-allow` allows: a name, an address or a range, on one port or on all. */
export interface EgressException {
  readonly host: string;
  /** The prefix length of a range in CIDR notation. */
  readonly prefix: number | undefined;
  readonly port: number | undefined;
}

export interface EgressOptions {
  readonly allowed: readonly EgressException[];
  /** The port on which nagare itself listens, once it is known. */
  readonly ownPort: () => number | undefined;
  /** Also refuse the other ports of this machine, unless they are allowed: for servers that require access keys. */
  readonly refuseLoopback: boolean;
  readonly lookup?: typeof systemLookup;
  readonly networkInterfaces?: typeof systemInterfaces;
}

const NAME = /^[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9])?$/i;

/**
 * Parses `host`, `address` or `address/bits`, each with an optional `:port`; an IPv6 address with a port needs
 * brackets. Returns undefined for anything else.
 */
export function parseEgressException(text: string): EgressException | undefined {
  const [, bracketed, inBrackets = '', port = ''] =
    /^(\[([^\]]+)\])(?:(?:\/\d+)?:(\d{1,5}))?$/.exec(text) ??
    (isIP(text.replace(/\/\d{1,3}$/, '')) === 6 ? [text, text, text, ''] : []);
  const [, plain = '', plainPort = ''] =
    bracketed === undefined ? (/^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? []) : [];
  const [host = '', bits] = (bracketed === undefined ? plain : inBrackets).split('/');
  const family = isIP(host);
  const found = {
    host,
    prefix: numberOf(bits ?? ''),
    port: numberOf(bracketed === undefined ? plainPort : port),
  };
  if (found.port !== undefined && (found.port === 0 || found.port > 65_535)) return undefined;
  if (family === 0) return bits === undefined && NAME.test(host) ? found : undefined;
  if (bits === undefined) return found;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) ? found : undefined;
}

function numberOf(digits: string): number | undefined {
  return digits === '' ? undefined : Number(digits);
}

/** Link-local addresses, where clouds serve credentials to machines, and AWS's IPv6 equivalent. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');

/**
 * Metadata services outside the link-local ranges: AWS over IPv6, Google Cloud over IPv6, Alibaba Cloud, Oracle
 * Cloud's predecessor, Azure's wire server.
 */
const metadata = new BlockList();
metadata.addAddress('fd00:ec2::254', 'ipv6');
metadata.addAddress('fd20:ce::254', 'ipv6');
metadata.addAddress('100.100.100.200', 'ipv4');
metadata.addAddress('192.0.0.192', 'ipv4');
metadata.addAddress('168.63.129.16', 'ipv4');

/** Addresses by which this machine reaches itself, including the unspecified address. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addSubnet('0.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');

/** Returns the IPv4 address that an IPv6 address carries: mapped, compatible, NAT64, 6to4. */
function carriedIpv4(address: string): string | undefined {
  const groups = ipv6Groups(address);
  if (groups === undefined) return undefined;
  const [first = 0, second = 0, third = 0, , , sixth = 0] = groups;
  const zeros = groups.slice(0, 5).every((group) => group === 0);
  const last = dotted4(groups[6], groups[7]);
  if (zeros && (sixth === 0xffff || (sixth === 0 && (groups[6] ?? 0) !== 0))) return last;
  if (first === 0x64 && second === 0xff9b) return last;
  return first === 0x2002 ? dotted4(second, third) : undefined;
}

function groupsOf(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

function hex(high = '0', low = '0'): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

function dotted4(high = 0, low = 0): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function ipv6Groups(address: string): number[] | undefined {
  const [bare = ''] = address.split('%');
  if (isIP(bare) !== 6) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(bare);
  const text =
    dotted === null ? bare : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`;
  const [head = '', tail] = text.split('::');
  const [start, end] = [groupsOf(head), groupsOf(tail ?? '')];
  return [...start, ...Array.from({ length: 8 - start.length - end.length }, () => 0), ...end];
}

/**
 * Guards connections to addresses that users supply: HTTP subscriptions of topics, list logs on another S3. The
 * address is checked when the connection is made, so that neither DNS rebinding nor a redirect gets past the check.
 */
export class Egress {
  readonly #options: EgressOptions;
  readonly #lookup: typeof systemLookup;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#lookup = options.lookup ?? systemLookup;
  }

  /** Returns agents for both schemes. The caller destroys them. */
  agents(options: AgentOptions): { readonly http: HttpAgent; readonly https: HttpsAgent } {
    return { http: this.#guard(new HttpAgent(options)), https: this.#guard(new HttpsAgent(options)) };
  }

  /**
   * Resolves a host, for protocols that are not HTTP: connect to one of the addresses. Throws EgressRefusedError, and
   * the errors of the lookup.
   */
  async addressesOf(host: string, port: number): Promise<readonly string[]> {
    const addresses =
      isIP(host) === 0
        ? (await promisify(this.#lookup)(host, { all: true })).map(({ address }) => address)
        : [host];
    for (const address of addresses) this.check(host, address, port);
    return addresses;
  }

  /** Throws EgressRefusedError. `host` is the requested host, `address` one of its addresses. */
  check(host: string, address: string, port: number): void {
    const why = this.#refusal(address, port);
    if (why !== undefined && !this.#isAllowed(host, address, port))
      throw new EgressRefusedError(host, address, why);
  }

  #refusal(address: string, port: number): string | undefined {
    const forms = [address.split('%')[0] ?? '', carriedIpv4(address)].filter((form) => form !== undefined);
    const isIn = (list: BlockList): boolean => forms.some((form) => contains(list, form));
    if (isIn(linkLocal)) return 'it is link-local, where clouds serve credentials to machines';
    if (isIn(metadata)) return "it is a cloud's metadata service";
    const isOwnPort = port === this.#options.ownPort();
    const isLoopback = isIn(loopback);
    if (isOwnPort && (isLoopback || isIn(this.#ownAddresses()))) return 'it is nagare itself';
    return isLoopback && this.#options.refuseLoopback ? 'it is this machine' : undefined;
  }

  /** Those of the machine's interfaces, which may change at any time. */
  #ownAddresses(): BlockList {
    const own = new BlockList();
    for (const addresses of Object.values((this.#options.networkInterfaces ?? systemInterfaces)())) {
      for (const { address, family } of addresses ?? []) {
        own.addAddress(address.split('%')[0] ?? '', family === 'IPv6' ? 'ipv6' : 'ipv4');
      }
    }
    return own;
  }

  #isAllowed(host: string, address: string, port: number): boolean {
    return this.#options.allowed.some((exception) => {
      if (exception.port !== undefined && exception.port !== port) return false;
      const family = isIP(exception.host);
      if (family === 0) return exception.host.toLowerCase() === host.toLowerCase();
      const range = new BlockList();
      const kind = family === 4 ? 'ipv4' : 'ipv6';
      range.addSubnet(exception.host, exception.prefix ?? (family === 4 ? 32 : 128), kind);
      return [address, carriedIpv4(address)].some((form) => form !== undefined && contains(range, form));
    });
  }

  /** Wraps the agent's `createConnection`, the place where the host is known and whether it is an address. */
  #guard<Kind extends HttpAgent>(agent: Kind): Kind {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const host = options.host ?? 'localhost';
      const port = Number(options.port);
      try {
        // An address is not resolved, so `lookup` would not see it.
        if (isIP(host) !== 0) this.check(host, host, port);
      } catch (refusal) {
        // `check` throws nothing else.
        process.nextTick(() => callback?.(refusal as EgressRefusedError, new Socket()));
        return undefined;
      }
      return connect({ ...options, lookup: this.#lookupFor(host, port) }, callback);
    };
    return agent;
  }

  #lookupFor(host: string, port: number): LookupFunction {
    return (name, options, callback) => {
      const all: LookupAllOptions = { ...options, all: true };
      this.#lookup(name, all, (error, addresses) => {
        if (error !== null) return callback(error, '', 0);
        try {
          for (const { address } of addresses) this.check(host, address, port);
        } catch (refusal) {
          // `check` throws nothing else.
          return callback(refusal as EgressRefusedError, '', 0);
        }
        give(addresses, options.all === true, callback);
      });
    };
  }
}

function give(addresses: LookupAddress[], all: boolean, callback: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  if (all) callback(null, addresses);
  else callback(null, first?.address ?? '', first?.family ?? 0);
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
