import type { Picture, WholePicture } from "../render/picture.ts";
import { bytesOf, type Kernel } from "./kernel.ts";
import { decoded } from "./pictures.ts";

/** Those of some two thousand slices of 512 x 512. */
const MOST_PIXELS = 32e6;

/** Small copies of slices, shown while one scrolls faster than the slices themselves can come. */
export class CoarseCopies {
  /** By item and slice. */
  private readonly here = new Map<string, WholePicture>();
  private pixels = 0;

  constructor(private readonly kernel: Kernel) {}

  /** A copy that is here, as large as the slice itself. */
  ready(item: string, frame: number, [width, height]: readonly [number, number]): Picture | null {
    const small = this.here.get(`${item}#${frame}`);
    return small ? blownUp(small, width, height) : null;
  }

  /** Get a copy; false where the kernel has nothing at hand. */
  async fetch(item: string, frame: number, signal: AbortSignal): Promise<boolean> {
    const asked = { type: "coarse", item, frame } as const;
    const { message, buffers } = await this.kernel.ask(asked, ["coarse"], signal);
    if (message.width === 0) return false;
    const small = await decoded(message, bytesOf(buffers[0]));
    this.here.set(`${item}#${frame}`, small);
    this.pixels += small.width * small.height;
    for (const [key, { width, height }] of this.here) {
      if (this.pixels <= MOST_PIXELS) break;
      this.pixels -= width * height;
      this.here.delete(key);
    }
    return true;
  }
}

/** A small copy in the place of a picture: each of its pixels stands for several. */
export function blownUp(small: WholePicture, width: number, height: number): WholePicture {
  if (small.kind === "photo") return { ...small, width, height, about: true };
  const numbers = new Uint16Array(width * height);
  const columns = Uint32Array.from({ length: width }, (_, x) =>
    Math.floor((x * small.width) / width),
  );
  let before = -1;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * small.height) / height);
    const at = y * width;
    if (row === before) numbers.copyWithin(at, at - width, at);
    else
      for (let x = 0; x < width; x++)
        numbers[at + x] = small.numbers[row * small.width + (columns[x] ?? 0)] ?? 0;
    before = row;
  }
  return { ...small, width, height, numbers, about: true };
}
