// FIPS 180-4, section 6.2.
const K: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
const hash = new StaticArray<u32>(8);
const words = new StaticArray<u32>(64);
const message = new StaticArray<u8>(65536);

function block(offset: i32): void {
  for (let i = 0; i < 16; i++) {
    unchecked((words[i] = bswap<u32>(load<u32>(changetype<usize>(message) + offset + i * 4))));
  }
  for (let i = 16; i < 64; i++) {
    const w15 = unchecked(words[i - 15]);
    const w2 = unchecked(words[i - 2]);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >>> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >>> 10);
    unchecked((words[i] = words[i - 16] + s0 + words[i - 7] + s1));
  }
  let a = unchecked(hash[0]);
  let b = unchecked(hash[1]);
  let c = unchecked(hash[2]);
  let d = unchecked(hash[3]);
  let e = unchecked(hash[4]);
  let f = unchecked(hash[5]);
  let g = unchecked(hash[6]);
  let h = unchecked(hash[7]);
  for (let i = 0; i < 64; i++) {
    const t1 = h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + ((e & f) ^ (~e & g)) + unchecked(K[i]) + unchecked(words[i]);
    const t2 = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  unchecked((hash[0] += a));
  unchecked((hash[1] += b));
  unchecked((hash[2] += c));
  unchecked((hash[3] += d));
  unchecked((hash[4] += e));
  unchecked((hash[5] += f));
  unchecked((hash[6] += g));
  unchecked((hash[7] += h));
}

/** Hashes the same 64 KiB `times` times, one message behind the other and without padding; returns the first word. */
export function sha256(times: i32): f64 {
  for (let i = 0; i < 65536; i++) unchecked((message[i] = <u8>(i * 31 + (i >> 8))));
  const start: StaticArray<u32> = START;
  for (let i = 0; i < 8; i++) unchecked((hash[i] = start[i]));
  for (let time = 0; time < times; time++) {
    for (let offset = 0; offset < 65536; offset += 64) block(offset);
  }
  return <f64>unchecked(hash[0]);
}

const START: StaticArray<u32> = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
