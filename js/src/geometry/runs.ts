import type { Rle } from "../document/types.ts";
import type { Box } from "./box.ts";
import { decodeCounts, encodeCounts } from "./counts.ts";

/**
 * A mask as the places where it begins and ends: pixel k = column * height + row is set when an
 * odd number of edges are at or before it. Edges increase strictly and are even in number; a run
 * that reaches the last pixel ends at height * width.
 */
export interface Runs {
  /** [height, width], as in COCO. */
  readonly size: readonly [number, number];
  readonly edges: Uint32Array;
}

/** Weak, so that what no annotation holds any longer is let go. */
const decoded = new WeakMap<Rle, Runs>();
const encoded = new WeakMap<Runs, Rle>();

/** The runs of a COCO code; the same object gives the same runs again without decoding. */
export function runsOf(rle: Rle): Runs {
  let runs = decoded.get(rle);
  if (!runs) {
    runs = { size: rle.size, edges: edgesOf(rle) };
    decoded.set(rle, runs);
  }
  return runs;
}

/**
 * The COCO code of runs, byte for byte what pycocotools would write. It is written when somebody
 * reads it: a stroke on a large mask sends a patch, and nobody asks for the code of the whole.
 */
export function rleOf(runs: Runs): Rle {
  let rle = encoded.get(runs);
  if (!rle) {
    let counts: string | undefined;
    rle = {
      size: runs.size,
      get counts() {
        counts ??= encodeCounts(lengthsOf(runs));
        return counts;
      },
    };
    encoded.set(runs, rle);
    decoded.set(rle, runs);
  }
  return rle;
}

function edgesOf(rle: Rle): Uint32Array {
  const total = rle.size[0] * rle.size[1];
  const lengths = decodeCounts(rle.counts);
  const edges = new Builder(lengths.length);
  // Every second run is of pixels that are set; one of zeros at the end has no edge behind it.
  const last = lengths.length & ~1;
  let at = 0;
  for (let i = 0; i < last; i++) {
    at = Math.min(total, at + Math.max(0, lengths[i] as number));
    edges.toggle(at);
  }
  return edges.done();
}

function lengthsOf({ size, edges }: Runs): Int32Array {
  const total = size[0] * size[1];
  const lengths = new Int32Array(edges.length + 1);
  let at = 0;
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i] as number;
    lengths[i] = edge - at;
    at = edge;
  }
  lengths[edges.length] = total - at;
  return at === total && edges.length > 0 ? lengths.subarray(0, edges.length) : lengths;
}

/** Edges in increasing order, where two at the same place take each other away. */
class Builder {
  private edges: Uint32Array;
  count = 0;

  constructor(capacity: number) {
    this.edges = new Uint32Array(capacity);
  }

  toggle(at: number): void {
    if (this.count > 0 && this.edges[this.count - 1] === at) this.count--;
    else {
      if (this.count === this.edges.length) this.grow(this.count + 1);
      this.edges[this.count++] = at;
    }
  }

  /** Take over edges that are known to lie beyond the last one. */
  append(edges: Uint32Array): void {
    if (this.count + edges.length > this.edges.length) this.grow(this.count + edges.length);
    this.edges.set(edges, this.count);
    this.count += edges.length;
  }

  done(): Uint32Array {
    // Cut to size where much was set aside: what is kept for long should not hold twice its room.
    return this.count * 2 < this.edges.length
      ? this.edges.slice(0, this.count)
      : this.edges.subarray(0, this.count);
  }

  private grow(needed: number): void {
    const wider = new Uint32Array(Math.max(needed, this.edges.length * 2, 16));
    wider.set(this.edges);
    this.edges = wider;
  }
}

export function emptyRuns(size: readonly [number, number]): Runs {
  return { size, edges: new Uint32Array(0) };
}

/** Number of pixels set. */
export function runsArea({ edges }: Runs): number {
  let area = 0;
  for (let i = 0; i < edges.length; i += 2) area += (edges[i + 1] as number) - (edges[i] as number);
  return area;
}

/** The upright box around the pixels that are set, null where there are none. */
export function runsBounds({ size, edges }: Runs): Box | null {
  const height = size[0];
  if (edges.length === 0) return null;
  const first = Math.floor((edges[0] as number) / height);
  const last = Math.floor(((edges[edges.length - 1] as number) - 1) / height);
  let minY = height;
  let maxY = 0;
  for (let i = 0; i < edges.length && !(minY === 0 && maxY === height); i += 2) {
    const start = edges[i] as number;
    const end = edges[i + 1] as number;
    const row = start % height;
    if (row + end - start > height) {
      // Runs on into the next column, by its foot and its head.
      minY = 0;
      maxY = height;
    } else {
      if (row < minY) minY = row;
      if (row + end - start > maxY) maxY = row + end - start;
    }
  }
  return { minX: first, minY, maxX: last + 1, maxY };
}

/** Is the pixel under (x, y) set? */
export function runsContain({ size, edges }: Runs, x: number, y: number): boolean {
  const [height, width] = size;
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < 0 || row < 0 || column >= width || row >= height) return false;
  return after(edges, column * height + row) % 2 === 1;
}

/** Call `paint(column, row, length)` for each vertical run of pixels that are set. */
export function forEachSpan(
  { size, edges }: Runs,
  paint: (column: number, row: number, length: number) => void,
): void {
  const height = size[0];
  for (let i = 0; i < edges.length; i += 2) {
    let at = edges[i] as number;
    const end = edges[i + 1] as number;
    while (at < end) {
      const column = Math.floor(at / height);
      const length = Math.min(end, (column + 1) * height) - at;
      paint(column, at - column * height, length);
      at += length;
    }
  }
}

/** How many edges are at `k` or before it, looking on from `from`, all before which are. */
function after(edges: Uint32Array, k: number, from = 0): number {
  // In growing steps, so that a place nearby is found in few, then by halving.
  let low = from;
  let step = 1;
  while (low + step <= edges.length && (edges[low + step - 1] as number) <= k) {
    low += step;
    step *= 2;
  }
  let high = Math.min(edges.length, low + step - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= k) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is set for (neither, a alone, b alone, both), as bits from the lowest. */
const UNITE = 0b1110;
const SUBTRACT = 0b0010;
const INTERSECT = 0b1000;
const DIFFER = 0b0110;

export const unite = (a: Runs, b: Runs): Runs => combine(a, b, UNITE);
/** The pixels of `a` that are not in `b`. */
export const subtract = (a: Runs, b: Runs): Runs => combine(a, b, SUBTRACT);
export const intersect = (a: Runs, b: Runs): Runs => combine(a, b, INTERSECT);

/** The pixels that are in one of both alone. */
export function differ(a: Runs, b: Runs): Runs {
  // Edges that both begin and end with take each other away: after a stroke that is nearly all.
  const [one, two] = [a.edges, b.edges];
  const shorter = Math.min(one.length, two.length);
  let head = 0;
  while (head < shorter && one[head] === two[head]) head++;
  let tail = 0;
  while (tail < shorter - head && one[one.length - 1 - tail] === two[two.length - 1 - tail]) tail++;
  const middle = (runs: Runs) => ({
    size: runs.size,
    edges: runs.edges.subarray(head, runs.edges.length - tail),
  });
  return combine(middle(a), middle(b), DIFFER);
}

function combine(a: Runs, b: Runs, table: number): Runs {
  sameSize(a, b);
  const one = a.edges;
  const two = b.edges;
  const keepsA = (table >> 1) & 1;
  if (two.length === 0) return keepsA ? a : emptyRuns(a.size);
  if (one.length === 0) return (table >> 2) & 1 ? { size: a.size, edges: two } : emptyRuns(a.size);
  // Where b has nothing, a is kept or dropped whole: a stroke costs its own runs and a copy.
  const low = (after(one, two[0] as number) >> 1) << 1;
  const high = Math.min(one.length, (after(one, two[two.length - 1] as number, low) + 1) & ~1);
  const made = new Builder((keepsA ? one.length : high - low) + two.length);
  if (keepsA) made.append(one.subarray(0, low));
  let i = low;
  let j = 0;
  let inside = 0;
  let was = 0;
  while (i < high || j < two.length) {
    const nextA = i < high ? (one[i] as number) : Number.POSITIVE_INFINITY;
    const nextB = j < two.length ? (two[j] as number) : Number.POSITIVE_INFINITY;
    const at = nextA < nextB ? nextA : nextB;
    if (nextA === at) {
      i++;
      inside ^= 1;
    }
    if (nextB === at) {
      j++;
      inside ^= 2;
    }
    const now = (table >> inside) & 1;
    if (now !== was) made.toggle(at);
    was = now;
  }
  if (keepsA) made.append(one.subarray(high));
  return { size: a.size, edges: made.done() };
}

function sameSize(a: Runs, b: Runs): void {
  if (a.size[0] !== b.size[0] || a.size[1] !== b.size[1]) {
    throw new RangeError(`Masks of ${a.size} and ${b.size} pixels do not go together.`);
  }
}

/** Every pixel the other way round. */
export function invert({ size, edges }: Runs): Runs {
  const made = new Builder(edges.length + 2);
  made.toggle(0);
  for (const edge of edges) made.toggle(edge);
  made.toggle(size[0] * size[1]);
  return { size, edges: made.done() };
}

export function equalRuns(a: Runs, b: Runs): boolean {
  if (a === b) return true;
  if (a.size[0] !== b.size[0] || a.size[1] !== b.size[1]) return false;
  return a.edges.length === b.edges.length && a.edges.every((edge, i) => edge === b.edges[i]);
}

/** The pixels of a box of whole pixels, as a mask of the box's size; beyond the mask none is set. */
export function cropRuns({ size, edges }: Runs, box: Box): Runs {
  const [height, width] = size;
  const rows = box.maxY - box.minY;
  const top = Math.max(0, box.minY);
  const bottom = Math.min(height, box.maxY);
  const made = new Builder(16);
  let index = 0;
  for (let x = Math.max(0, box.minX); x < Math.min(width, box.maxX) && top < bottom; x++) {
    const from = x * height + top;
    const to = x * height + bottom;
    const shift = (x - box.minX) * rows - box.minY - x * height;
    index = after(edges, from, index);
    if (index % 2) made.toggle(from + shift);
    while (index < edges.length && (edges[index] as number) < to) {
      made.toggle((edges[index++] as number) + shift);
    }
    if (index % 2) made.toggle(to + shift);
  }
  return { size: [rows, box.maxX - box.minX], edges: made.done() };
}

/** A mask with its top left pixel at (x, y) of a wider one; what lies beyond that is cut off. */
export function placeRuns(part: Runs, x: number, y: number, size: Runs["size"]): Runs {
  const [height, width] = size;
  const made = new Builder(part.edges.length);
  forEachSpan(part, (column, row, length) => {
    const from = Math.max(0, y + row);
    const to = Math.min(height, y + row + length);
    if (x + column < 0 || x + column >= width || from >= to) return;
    made.toggle((x + column) * height + from);
    made.toggle((x + column) * height + to);
  });
  return { size, edges: made.done() };
}

/** The mask with the box of `part` at (x, y) replaced by it. */
export function spliceRuns(runs: Runs, x: number, y: number, part: Runs): Runs {
  const box = { minX: x, minY: y, maxX: x + part.size[1], maxY: y + part.size[0] };
  // Only the pixels that differ are toggled, so that everything outside of the box stays.
  return differ(runs, placeRuns(differ(cropRuns(runs, box), part), x, y, runs.size));
}

/** The runs of a bitmap, row by row; what is not 0 is set. */
export function runsFromBitmap(data: Uint8Array, width: number, height: number): Runs {
  const made = new Builder(16);
  let set = false;
  for (let x = 0, k = 0; x < width; x++) {
    for (let y = 0, i = x; y < height; y++, k++, i += width) {
      if ((data[i] !== 0) !== set) {
        made.toggle(k);
        set = !set;
      }
    }
  }
  if (set) made.toggle(width * height);
  return { size: [height, width], edges: made.done() };
}

/** The pixels row by row, 1 where set: for small boxes only. */
export function bitmapOf(runs: Runs): Uint8Array {
  const [height, width] = runs.size;
  const data = new Uint8Array(height * width);
  forEachSpan(runs, (column, row, length) => {
    for (let i = row * width + column; length > 0; length--, i += width) data[i] = 1;
  });
  return data;
}
