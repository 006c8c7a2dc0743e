const table = new StaticArray<u32>(256);
const data = new StaticArray<u8>(65536);

/** CRC-32 (polynomial 0xEDB88320, byte-wise table) of 64 KiB, `times` times over. */
export function crc32(times: i32): f64 {
  for (let i: u32 = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    unchecked((table[i] = value));
  }
  for (let i = 0; i < 65536; i++) unchecked((data[i] = <u8>(i * 17)));
  let crc: u32 = 0xffffffff;
  for (let time = 0; time < times; time++) {
    for (let i = 0; i < 65536; i++) crc = (crc >>> 8) ^ unchecked(table[(crc ^ unchecked(data[i])) & 255]);
  }
  return <f64>(crc ^ 0xffffffff);
}
