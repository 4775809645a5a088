import type { Box } from "../geometry/box.ts";
import type { Spans } from "../geometry/columns.ts";

/** A mask that tells the spans of any of its columns. */
export interface MaskSource {
  /** [height, width] */
  readonly size: readonly [number, number];
  spans(column: number): Spans;
}

/** What a mask is painted with: packed as `ImageData` has it, without opacity. */
export interface Ink {
  readonly fill: number;
  readonly edge: number;
}

/** Opacity of what is inside of a mask, where its edge has 1. */
const INSIDE = 0.5;

/** `#rrggbb` as the low three bytes of a pixel. */
export function packed(color: string): number {
  const value = Number.parseInt(color.slice(1, 7), 16) || 0;
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >>> 16);
}

/**
 * Paint a box of a mask, 2^level pixels of the image to one of the painting. Pixels at the mask's
 * edge are opaque (unless `edges` is false), those inside half so; one that is covered in part is
 * as opaque as that part.
 *
 * Only the spans of the columns in the box are looked at, and nothing of the mask's size is made.
 */
export function shade(
  source: MaskSource,
  level: number,
  box: Box,
  ink: Ink,
  out: Uint32Array,
  edges = true,
): boolean {
  const width = box.maxX - box.minX;
  const height = box.maxY - box.minY;
  const stride = width + 2;
  const cover = coverOf(source, level, box);
  const full = 4 ** level;
  const half = full / 2;
  let any = false;
  for (let y = 0, to = 0; y < height; y++) {
    let at = (y + 1) * stride + 1;
    for (let x = 0; x < width; x++, at++, to++) {
      const covered = cover[at] as number;
      if (covered === 0) {
        out[to] = 0;
        continue;
      }
      any = true;
      const inside =
        !edges ||
        ((cover[at - 1] as number) >= half &&
          (cover[at + 1] as number) >= half &&
          (cover[at - stride] as number) >= half &&
          (cover[at + stride] as number) >= half &&
          covered >= half);
      const opacity = Math.round(((inside ? INSIDE : 1) * 255 * covered) / full);
      out[to] = ((opacity << 24) | (inside ? ink.fill : ink.edge)) >>> 0;
    }
  }
  return any;
}

/** How many pixels of the mask each pixel of the painting covers, with one more on every side. */
function coverOf(source: MaskSource, level: number, box: Box): Uint16Array {
  const stride = box.maxX - box.minX + 2;
  const rows = box.maxY - box.minY + 2;
  const cover = new Uint16Array(stride * rows);
  const scale = 2 ** level;
  const [height, width] = source.size;
  const top = Math.max(0, (box.minY - 1) * scale);
  const bottom = Math.min(height, (box.maxY + 1) * scale);
  const from = Math.max(0, (box.minX - 1) * scale);
  const to = Math.min(width, (box.maxX + 1) * scale);
  for (let column = from; column < to; column++) {
    const spans = source.spans(column);
    const x = (column >> level) - box.minX + 1;
    for (let i = 0; i < spans.length; i += 2) {
      const start = Math.max(top, spans[i] as number);
      const end = Math.min(bottom, spans[i + 1] as number);
      if (start >= end) continue;
      let y = (start >> level) - box.minY + 1;
      let at = y * stride + x;
      for (let row = start; row < end; y++, at += stride) {
        const next = Math.min(end, (y + box.minY) << level);
        cover[at] = (cover[at] as number) + next - row;
        row = next;
      }
    }
  }
  return cover;
}
