import type { TurnedFrame } from "./frame_paint.ts";
import type { TileStore } from "./tile_store.ts";

/** What the numbers of a grey picture of more than 8 bits mean: value = number * scale + offset. */
export interface GreyMeaning {
  /** The values that are black and white until somebody chooses others. */
  readonly low: number;
  readonly high: number;
  readonly scale: number;
  readonly offset: number;
  /** The number 0 stands for pixels without a finite value. */
  readonly gaps: boolean;
}

/** A picture, or a tile of one, in its own resolution: what the browser decoded, or numbers. */
export type WholePicture =
  | {
      readonly kind: "photo";
      readonly width: number;
      readonly height: number;
      /** A smaller copy stands in its place. */
      readonly about?: boolean;
      readonly bitmap: ImageBitmap;
      /** Of a video: what is painted at any size right away, without the bitmap. */
      readonly turned?: TurnedFrame;
    }
  | {
      readonly kind: "grey";
      readonly width: number;
      readonly height: number;
      readonly about?: boolean;
      /** Row by row. */
      readonly numbers: Uint16Array;
      readonly meaning: GreyMeaning;
      /** What is shown above it, in its own resolution. */
      readonly overlay?: OffscreenCanvas;
    };

/** A picture that is too large to be held whole. */
export interface TiledPicture {
  readonly kind: "tiled";
  readonly width: number;
  readonly height: number;
  readonly tiles: TileStore;
}

export type Picture = WholePicture | TiledPicture;
export type GreyPicture = Extract<Picture, { kind: "grey" }>;

/** The values that a picture of more than 8 bits has, and those that are black and white at first. */
export interface GreyRange {
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly most: number;
  /** From one value to the next. */
  readonly step: number;
}

/** The values of a grey picture of more than 8 bits, null for all others. */
export function greyRangeOf(picture: Picture | null): GreyRange | null {
  if (picture?.kind === "tiled") return picture.tiles.values;
  if (picture?.kind !== "grey") return null;
  const { low, high, scale } = picture.meaning;
  return {
    low,
    high,
    step: scale,
    // All pixels are gone through for these.
    get least() {
      return rangeOf(picture)[0];
    },
    get most() {
      return rangeOf(picture)[1];
    },
  };
}

/** What is under the pointer: a colour, or a value; `about` where only a smaller copy is here. */
export type Probe = { readonly about?: boolean } & (
  | { readonly kind: "colour"; readonly rgb: readonly [number, number, number] }
  /** NaN where the picture has no value. */
  | { readonly kind: "value"; readonly value: number }
);

/** The value of the pixel at (x, y) of a grey picture, null outside. */
export function valueAt(picture: GreyPicture, x: number, y: number): number | null {
  const { width, height, numbers, meaning } = picture;
  if (x < 0 || y < 0 || x >= width || y >= height) return null;
  const number = numbers[Math.floor(y) * width + Math.floor(x)] ?? 0;
  if (meaning.gaps && number === 0) return Number.NaN;
  return number * meaning.scale + meaning.offset;
}

const ranges = new WeakMap<GreyPicture, readonly [number, number]>();

/** The least and the greatest value of a grey picture. */
export function rangeOf(picture: GreyPicture): readonly [number, number] {
  const known = ranges.get(picture);
  if (known) return known;
  const { numbers, meaning } = picture;
  let least = 65535;
  let most = 0;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    if (meaning.gaps && number === 0) continue;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  const value = (number: number) => number * meaning.scale + meaning.offset;
  const range = [value(Math.min(least, most)), value(most)] as const;
  ranges.set(picture, range);
  return range;
}
