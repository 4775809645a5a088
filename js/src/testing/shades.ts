import { GreyPyramid } from "../render/grey_pyramid.ts";
import { GreyShader } from "../render/grey_shader.ts";
import type { GreyPicture } from "../render/picture.ts";
import { PLAIN, type Tone, toneTable } from "../render/tone.ts";

// What the tests of the shader call in a page: pictures go in, pixels that were read back come out.

let told = 0;
const shader = new GreyShader(() => {
  told++;
});

interface Order {
  readonly width: number;
  readonly height: number;
  /** None for every number that there is. */
  readonly numbers?: readonly number[];
  readonly gaps: boolean;
  readonly halvings: number;
  readonly low: number;
  readonly high: number;
  readonly tone: Partial<Tone>;
}

const known = new Map<string, GreyPicture>();

function pictureOf(order: Order): GreyPicture {
  const { width, height, gaps } = order;
  const key = `${width} ${height} ${gaps}`;
  const meaning = { low: 0, high: 1, scale: 1, offset: 0, gaps };
  const numbers = numbersOf(order);
  const made = known.get(key) ?? ({ kind: "grey", width, height, numbers, meaning } as const);
  known.set(key, made);
  return made;
}

/** The red of each pixel as the shader has it, a character each, null where it paints nothing. */
export function shaded(order: Order): string | null {
  const tone = { ...PLAIN, ...order.tone };
  const { halvings, low, high } = order;
  const bitmap = shader.paint(pictureOf(order), halvings, low, high, tone);
  if (!bitmap) return null;
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  return redOf(context?.getImageData(0, 0, bitmap.width, bitmap.height));
}

/** The same from the look-up table. */
export function looked(order: Order): string {
  const { width, height, low, high, tone, halvings, gaps } = order;
  const table = toneTable(65536, low, high, { ...PLAIN, ...tone });
  return redOf(new GreyPyramid(width, height, numbersOf(order), gaps).paint(halvings, table));
}

/** How often it was told that what was painted may be gone. */
export function changes(): number {
  return told;
}

export function dispose(): void {
  shader.dispose();
}

function numbersOf({ numbers }: Order): Uint16Array {
  return Uint16Array.from(numbers ?? Array(65536).keys());
}

function redOf(image: ImageData | undefined): string {
  const red = (image?.data ?? new Uint8ClampedArray()).filter((_, i) => i % 4 === 0);
  return [...red].map((shade) => String.fromCharCode(shade)).join("");
}
