import { BlockList, isIP } from 'node:net';

const RANGE = /^(?<address>[^/]+)(?:\/(?<bits>\d{1,3}))?$/;

/** Whether it is an IP address, or a range of them in CIDR notation. */
export function isAddressRange(text: string): boolean {
  const { address = '', bits } = RANGE.exec(text)?.groups ?? {};
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/** Some addresses and ranges, all of them valid. `::/0` has no IPv4 addresses; `::ffff:192.0.2.1` is the IPv4 address. */
export class AddressRanges {
  // A single list finds IPv4 addresses in IPv6 ranges.
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const { address = '', bits } = RANGE.exec(range)?.groups ?? {};
      const family = familyOf(address);
      if (bits === undefined) this.#lists[family].addAddress(address, family);
      else this.#lists[family].addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    if (isIP(address) === 0) return false;
    const family = familyOf(address);
    return this.#lists[family].check(address, family) || this.#lists.ipv4.check(address, family);
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
