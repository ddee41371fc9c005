/**
 * CRC-32C (Castagnoli), which Kafka uses for record batches: zlib has only the other CRC-32. Sixteen bytes per step by
 * sixteen tables ("slicing"), in WebAssembly: several times as fast as the same loop in JavaScript.
 *
 * The module, with $t(k, w) for the look-ups of the four bytes of a word, the first of them in table k:
 *
 *   (i32.load offset=k*1024 (i32.and (i32.shl w 2) 1020)) xor (i32.load offset=(k-1)*1024 (i32.and (i32.shr_u w 6) 1020))
 *   xor (i32.load offset=(k-2)*1024 (i32.and (i32.shr_u w 14) 1020)) xor (i32.load offset=(k-3)*1024 (i32.and (i32.shr_u w 22) 1020))
 *
 *   (module
 *     (memory (export "memory") 2)
 *     (func (export "update") (param $crc i32) (param $at i32) (param $end i32) (result i32)
 *       (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $blocks i32)
 *       (local.set $blocks (i32.add $at (i32.and (i32.sub $end $at) -16)))
 *       (block $done (loop $next
 *         (br_if $done (i32.ge_u $at $blocks))
 *         (local.set $a (i32.xor $crc (i32.load $at)))
 *         (local.set $b (i32.load offset=4 $at)) (local.set $c (i32.load offset=8 $at)) (local.set $d (i32.load offset=12 $at))
 *         (local.set $crc (i32.xor (i32.xor $t(11, $b) $t(7, $c) $t(3, $d)) $t(15, $a)))
 *         (local.set $at (i32.add $at 16))
 *         (br $next)))
 *       (block $end (loop $byte
 *         (br_if $end (i32.ge_u $at $end))
 *         (local.set $crc (i32.xor (i32.shr_u $crc 8)
 *           (i32.load (i32.shl (i32.and (i32.xor $crc (i32.load8_u $at)) 255) 2))))
 *         (local.set $at (i32.add $at 1))
 *         (br $byte)))
 *       (local.get $crc)))
 */
const MODULE =
  'AGFzbQEAAAABCAFgA39/fwF/AwIBAAUDAQACBxMCBm1lbW9yeQIABnVwZGF0ZQAACtsCAdgCAQV/IAEgAiABa0FwcWohBwJAA0AgASAHTw0BIAAgASgCAHMhAyABKAIEIQQgASgCCCEFIAEoAgwhBiAEQQJ0QfwHcSgCgFggBEEGdkH8B3EoAoBQIARBDnZB/AdxKAKASHNzIARBFnZB/AdxKAKAQCAFQQJ0QfwHcSgCgDggBUEGdkH8B3EoAoAwc3NzIAVBDnZB/AdxKAKAKCAFQRZ2QfwHcSgCgCAgBkECdEH8B3EoAoAYc3MgBkEGdkH8B3EoAoAQIAZBDnZB/AdxKAKACCAGQRZ2QfwHcSgCAHNzc3MgA0ECdEH8B3EoAoB4IANBBnZB/AdxKAKAcHMgA0EOdkH8B3EoAoBoIANBFnZB/AdxKAKAYHNzcyEAIAFBEGohAQwACwsCQANAIAEgAk8NASAAQQh2IAAgAS0AAHNB/wFxQQJ0KAIAcyEAIAFBAWohAQwACwsgAAs=';

const POLYNOMIAL = 0x82f63b78;
const TABLES = 16;
/** The tables are in the first page of the memory, the bytes in the second: small enough to stay in the processor's cache. */
const BYTES_AT = 64 * 1024;
const WINDOW_BYTES = 16 * 1024;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly update: (this: void, crc: number, at: number, end: number) => number;
}

/** The part of WebAssembly's interface that is used: the types of Node do not have it. */
interface WebAssemblyGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

function load(): { readonly update: Exports['update']; readonly memory: Uint8Array } {
  // Every JavaScript engine has it, and the module is the one above: it exports exactly these.
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyGlobal }).WebAssembly;
  const { memory, update } = new Instance(new Module(Buffer.from(MODULE, 'base64'))).exports;
  const tables = new Uint32Array(memory.buffer, 0, TABLES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (tables[before & 255] ?? 0) ^ (before >>> 8);
  }
  return { update, memory: new Uint8Array(memory.buffer) };
}

let loaded: ReturnType<typeof load> | undefined;

/** The checksum of the bytes of all parts together. */
export function crc32c(parts: readonly Uint8Array[]): number {
  loaded ??= load();
  const { update, memory } = loaded;
  let crc = -1;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += WINDOW_BYTES) {
      const window = part.subarray(at, at + WINDOW_BYTES);
      memory.set(window, BYTES_AT);
      crc = update(crc, BYTES_AT, BYTES_AT + window.length);
    }
  }
  return ~crc >>> 0;
}
