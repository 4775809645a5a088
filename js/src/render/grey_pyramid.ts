import { sizeOf } from "./levels.ts";

interface Level {
  readonly width: number;
  readonly height: number;
  readonly numbers: Uint16Array;
}

/** The numbers of a grey picture, and smaller copies of it, made when they are asked for. */
export class GreyPyramid {
  private readonly levels: Level[];

  constructor(
    width: number,
    height: number,
    numbers: Uint16Array,
    /** The number 0 stands for no value. */
    private readonly gaps: boolean,
  ) {
    this.levels = [{ width, height, numbers }];
  }

  /** The shades of a level, through a table of 65536. */
  paint(halvings: number, table: Uint8Array): ImageData {
    const { width, height, numbers } = this.level(halvings);
    return shadeInto(new ImageData(width, height), numbers, wordsOf(table));
  }

  private level(halvings: number): Level {
    const [whole] = this.levels;
    if (!whole) throw new Error("no picture");
    for (let n = this.levels.length; n <= halvings; n++) {
      const last = this.levels[n - 1];
      if (last) this.levels.push(halved(last, sizeOf(whole, n), this.gaps));
    }
    return this.levels[halvings] ?? whole;
  }
}

/** The pixels that the numbers become, of a table of 65536 shades. */
export function wordsOf(table: Uint8Array): Uint32Array {
  const words = new Uint32Array(65536);
  // Grey is the same in every byte, so that their order does not matter; alpha is the last one.
  const opaque = new Uint32Array(new Uint8Array([0, 0, 0, 255]).buffer)[0] ?? 0;
  const grey = new Uint32Array(new Uint8Array([1, 1, 1, 0]).buffer)[0] ?? 0;
  for (let number = 0; number < 65536; number++) {
    words[number] = (opaque | Math.imul(grey, table[number] ?? 0)) >>> 0;
  }
  return words;
}

export function shadeInto(image: ImageData, numbers: Uint16Array, words: Uint32Array): ImageData {
  const out = new Uint32Array(image.data.buffer);
  for (let at = 0; at < out.length; at++) out[at] = words[numbers[at] as number] as number;
  return image;
}

/** The mean of the pixels that fall on each pixel of a smaller picture; gaps do not count. */
function halved(from: Level, { width, height }: { width: number; height: number }, gaps: boolean) {
  const numbers = new Uint16Array(width * height);
  const columns = bounds(from.width, width);
  const rows = bounds(from.height, height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [rows[y] as number, rows[y + 1] as number];
    for (let x = 0; x < width; x++) {
      const right = columns[x + 1] as number;
      let sum = 0;
      let count = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = columns[x] as number; column < right; column++) {
          const number = from.numbers[row * from.width + column] as number;
          if (gaps && number === 0) continue;
          sum += number;
          count++;
        }
      }
      numbers[y * width + x] = count > 0 ? Math.round(sum / count) : 0;
    }
  }
  return { width, height, numbers };
}

function bounds(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to + 1 }, (_, i) => Math.floor((i * from) / to));
}
