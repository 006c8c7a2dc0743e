/**
 * Why an IP address is not an ordinary public one ("loopback", "private", …), or undefined if it is.
 * Text that is no address counts as "invalid": whoever asks is about to connect to it.
 *
 * IPv4 follows the IANA special-purpose registry. IPv6 is the other way round: only 2000::/3 (global unicast) is
 * public, less what embeds or tunnels other addresses, so that mapped, NAT64, unique-local and future forms fail closed.
 */
export function specialAddress(text: string): string | undefined {
  const address = canonicalAddress(text);
  if (address === undefined) return "invalid";
  if (!address.startsWith("[")) return specialIpv4(toNumber(address));
  return specialIpv6(toGroups(address.slice(1, -1)));
}

/**
 * An IP address in the form that a URL's host has: decimal IPv4, or IPv6 in brackets, in lower case and compressed.
 * Undefined for everything else: names, and addresses with a zone, which only make sense on one link.
 */
export function canonicalAddress(text: string): string | undefined {
  if (text.length > LONGEST || !/^[0-9a-fA-F:.[\]]+$/.test(text)) return undefined;
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const host = hostOf(bare.includes(":") ? `[${bare}]` : bare);
  return host !== undefined && isAddress(host) ? host : undefined;
}

/** Whether a URL's host is an IP address. WHATWG parsing has made decimal IPv4 of every octal, hex and short form. */
export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/** An IPv6 address with its IPv4 tail has at most this many characters, brackets included. */
const LONGEST = 47;

function hostOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

/** [first address, prefix length, what it is]. RFC 6890 and its registry; two clouds' own metadata services have names. */
const IPV4_BLOCKS: readonly (readonly [string, number, string])[] = [
  ["100.100.100.200", 32, "metadata"],
  ["168.63.129.16", 32, "metadata"],
  ["169.254.169.254", 32, "metadata"],
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared (CGNAT)"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "6to4 relay"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["255.255.255.255", 32, "broadcast"],
  ["240.0.0.0", 4, "reserved"],
];

function specialIpv4(address: number): string | undefined {
  for (const [first, length, kind] of IPV4_BLOCKS) {
    if (address >>> (32 - length) === toNumber(first) >>> (32 - length)) return kind;
  }
  return undefined;
}

function toNumber(address: string): number {
  let value = 0;
  for (const part of address.split(".")) value = value * 256 + Number(part);
  return value;
}

/** [leading groups, bits, what it is] inside 2000::/3. */
const IPV6_BLOCKS: readonly (readonly [readonly number[], number, string])[] = [
  [[0x2001, 0], 32, "Teredo tunnel"],
  [[0x2001, 0xdb8], 32, "documentation"],
  // IETF protocol assignments, RFC 2928: benchmarking, ORCHID and more.
  [[0x2001, 0], 23, "reserved"],
  [[0x2002], 16, "6to4 tunnel"],
  [[0x3fff, 0], 20, "documentation"],
];

function specialIpv6(groups: readonly number[]): string | undefined {
  const first = groups[0] ?? 0;
  if (first >>> 13 !== 1) return outsideGlobalUnicast(groups, first);
  for (const [prefix, bits, kind] of IPV6_BLOCKS) if (hasPrefix(groups, prefix, bits)) return kind;
  return undefined;
}

function outsideGlobalUnicast(groups: readonly number[], first: number): string {
  if (first >>> 8 === 0xff) return "multicast";
  if (first >>> 6 === 0xfe80 >>> 6) return "link-local";
  if (hasPrefix(groups, [0xfd00, 0xec2], 32)) return "metadata";
  if (first >>> 9 === 0xfc00 >>> 9) return "private";
  if (hasPrefix(groups, [0x64, 0xff9b], 32)) return "NAT64";
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return "IPv4-mapped";
  if (groups.slice(0, 7).every((group) => group === 0)) return groups[7] === 1 ? "loopback" : "unspecified";
  return "reserved";
}

function hasPrefix(groups: readonly number[], prefix: readonly number[], bits: number): boolean {
  return prefix.every((group, index) => {
    const shift = 16 - Math.min(16, Math.max(0, bits - index * 16));
    return (groups[index] ?? 0) >>> shift === group >>> shift;
  });
}

/** The eight groups of an address in URL form (at most one "::", no IPv4 tail). */
function toGroups(address: string): readonly number[] {
  const [head = "", tail] = address.split("::");
  const left = groupsOf(head);
  if (tail === undefined) return left;
  const right = groupsOf(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}

function groupsOf(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
