import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress, specialAddress } from "../../src/capabilities/network/policy/address.ts";

describe("specialAddress", () => {
  test.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.0.1", "private"],
    ["100.64.0.1", "shared (CGNAT)"],
    ["100.127.255.255", "shared (CGNAT)"],
    ["169.254.0.1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["192.0.0.8", "reserved"],
    ["192.0.2.1", "documentation"],
    ["192.88.99.1", "6to4 relay"],
    ["198.18.0.1", "benchmarking"],
    ["198.19.255.255", "benchmarking"],
    ["224.0.0.1", "multicast"],
    ["239.255.255.250", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "IPv4-mapped"],
    ["::ffff:8.8.8.8", "IPv4-mapped"],
    ["::127.0.0.1", "reserved"],
    ["fe80::1", "link-local"],
    ["febf::1", "link-local"],
    ["fc00::1", "private"],
    ["fdff::1", "private"],
    ["fd00:ec2::254", "metadata"],
    ["ff02::1", "multicast"],
    ["64:ff9b::7f00:1", "NAT64"],
    ["64:ff9b:1::1", "NAT64"],
    ["100::1", "reserved"],
    ["2001::1", "Teredo tunnel"],
    ["2001:10::1", "reserved"],
    ["2001:db8::1", "documentation"],
    ["2002:7f00:1::", "6to4 tunnel"],
    ["3fff::1", "documentation"],
    ["4000::1", "reserved"],
    ["fec0::1", "reserved"],
    ["fe80::1%eth0", "invalid"],
    ["localhost", "invalid"],
    ["", "invalid"],
    ["1.2.3.4.5", "invalid"],
    ["[::1", "invalid"],
  ])("%s is %s", (address, kind) => {
    expect(specialAddress(address)).toBe(kind);
  });

  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.0",
    "223.255.255.255",
    "192.0.1.1",
    "2606:4700::1111",
    "2a00::1",
    "2001:4860:4860::8888",
    "3ffe::1",
  ])("%s is public", (address) => {
    expect(specialAddress(address)).toBeUndefined();
  });

  test("says the same of every way to write an address", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const groups = Array.from({ length: 8 }, (_, index) =>
          ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
        );
        const long = groups.map((group) => group.padStart(4, "0").toUpperCase()).join(":");
        expect(specialAddress(groups.join(":"))).toBe(specialAddress(long));
        expect(specialAddress(canonicalAddress(long) ?? "")).toBe(specialAddress(long));
      }),
    );
  });

  test("calls no IPv4 address inside an IPv6 one public", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const prefix of ["::ffff:", "::", "64:ff9b::"])
          expect(specialAddress(`${prefix}${address}`)).toBeDefined();
      }),
    );
  });
});
