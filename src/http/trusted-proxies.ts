import { isIP } from 'node:net';
import { AddressRanges } from '../support/address-range.ts';
import type { Peer } from './message.ts';
import { withoutMapping } from './peer.ts';

/** The proxies whose X-Forwarded-For is believed. */
export class TrustedProxies {
  readonly #addresses: AddressRanges;

  /** Each is an address or a range. */
  constructor(ranges: readonly string[]) {
    this.#addresses = new AddressRanges(ranges);
  }

  trusts(address: string): boolean {
    return this.#addresses.has(address);
  }

  /**
   * Who sent the request: each proxy appends the address of its client, so the last one that is not a trusted proxy
   * itself. What stands before it is what that client claims. `forwarded` is the header's value, with those of repeated
   * headers joined by commas.
   */
  senderOf(peer: Peer, forwarded: string | readonly string[] | undefined): Peer {
    if (forwarded === undefined || !this.trusts(peer.address)) return peer;
    const hops = (typeof forwarded === 'string' ? forwarded : forwarded.join(',')).split(',');
    let { address } = peer;
    for (const hop of hops.toReversed()) {
      const before = addressIn(hop.trim());
      // Nothing that stands before something else can be trusted.
      if (before === undefined) break;
      address = before;
      if (!this.trusts(address)) break;
    }
    return address === peer.address ? peer : { address, tls: peer.tls };
  }
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(hop: string): string | undefined {
  const [, inBrackets, plain = hop] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(hop) ?? [];
  const address = withoutMapping(inBrackets ?? plain);
  return isIP(address) === 0 ? undefined : address;
}
