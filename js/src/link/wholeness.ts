/**
 * Is a picture's file there to its end? Browsers show half of one that is cut short and say nothing;
 * the kernel, which has the same rule (`check_complete`), tells what is wrong with it.
 */
export function whole(bytes: Uint8Array, mime: string): boolean {
  if (mime === "image/jpeg") return lastOf(bytes, [0xff, 0xd9]) > startOfScan(bytes);
  if (mime === "image/png") return lastOf(bytes, [0x49, 0x45, 0x4e, 0x44]) > 0;
  if (mime === "image/webp" && bytes.length >= 12) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return bytes.length >= 8 + view.getUint32(4, true);
  }
  return false;
}

/** Where the pixels of a JPEG begin: its header may hold a smaller JPEG, with an end of its own. */
function startOfScan(bytes: Uint8Array): number {
  let position = 2;
  while (position + 4 <= bytes.length && bytes[position] === 0xff) {
    const marker = bytes[position + 1] as number;
    if (marker === 0xda) return position;
    const alone = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    const length = ((bytes[position + 2] as number) << 8) | (bytes[position + 3] as number);
    position += alone ? (marker === 0xff ? 1 : 2) : 2 + length;
  }
  return position;
}

function lastOf(bytes: Uint8Array, mark: readonly number[]): number {
  for (let at = bytes.length - mark.length; at >= 0; at--) {
    if (mark.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
