import { BlockList, isIPv4, isIPv6 } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Returns whether no other machine can reach the address. `::ffff:127.0.0.1` is loopback; a host name is not. */
export function isLoopbackAddress(address: string): boolean {
  if (isIPv4(address)) return loopback.check(address, 'ipv4');
  // A zone (`::1%lo`) names an interface and is not part of the address.
  return isIPv6(address) && !address.includes('%') && loopback.check(address, 'ipv6');
}

/** The same for a host to listen on, which may be called localhost. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}
