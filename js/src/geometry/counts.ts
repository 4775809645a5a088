/**
 * COCO's string of runs (rleToString and rleFrString in cocoapi's maskApi.c): five bits a
 * character, lowest first, with a sixth that says whether the number goes on; from the fourth run
 * on, the difference to the run before the last.
 */

/** The lengths of the runs, zeros first. */
export function decodeCounts(text: string): Int32Array {
  const runs = new Int32Array(text.length);
  let count = 0;
  let position = 0;
  while (position < text.length) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && position < text.length) {
      const code = text.charCodeAt(position++) - 48;
      value |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      shift += 5;
      if (!more && code & 0x10 && shift < 32) value |= -1 << shift;
    }
    if (count > 2) value += runs[count - 2] as number;
    runs[count++] = value;
  }
  return runs.subarray(0, count);
}

/** A run takes seven characters at most. */
const DIGITS = 7;
/** Characters that are made into a string at once: engines limit the arguments of a call. */
const PIECE = 8192;

/** The string of runs, byte for byte that of pycocotools. */
export function encodeCounts(runs: Int32Array): string {
  let text = "";
  const codes = new Uint8Array(PIECE);
  let used = 0;
  for (let i = 0; i < runs.length; i++) {
    let value = runs[i] as number;
    if (i > 2) value -= runs[i - 2] as number;
    let more = true;
    while (more) {
      const bits = value & 0x1f;
      value >>= 5;
      more = bits & 0x10 ? value !== -1 : value !== 0;
      codes[used++] = (more ? bits | 0x20 : bits) + 48;
    }
    if (used > PIECE - DIGITS) {
      text += String.fromCharCode(...codes.subarray(0, used));
      used = 0;
    }
  }
  return text + String.fromCharCode(...codes.subarray(0, used));
}
