import type { Geometry, Rle } from "../document/types.ts";
import type { Shape } from "./scene.ts";

/**
 * Shapes in a few long arrays, which travel to the painting worker in no time: a thousand of them,
 * each with arrays of its own, take longer than a frame may.
 */
export interface PackedShapes {
  readonly ids: readonly string[];
  readonly colors: readonly string[];
  /** For each shape: which color, whether its lines are closed, how many of them are filled. */
  readonly looks: Uint32Array;
  /** Left, top, right and bottom of each. */
  readonly boxes: Float64Array;
  readonly coordinates: Float32Array;
  readonly ends: Uint32Array;
  readonly dots: Float32Array;
  /** For each shape, where its part of the coordinates, of the ends and of the dots ends. */
  readonly parts: Uint32Array;
  readonly masks: ReadonlyMap<number, Rle>;
}

const LOOKS = 3;
const CORNERS = 8;

/** Puts shapes together, one after the other. */
export class ShapePacker {
  readonly ids: string[] = [];
  private readonly colors: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly masks = new Map<number, Rle>();
  private looks: Uint32Array;
  private boxes: Float64Array;
  private parts: Uint32Array;
  private coordinates: Float32Array;
  private ends: Uint32Array;
  private dots: Float32Array;
  private filled = { coordinates: 0, ends: 0, dots: 0 };

  /** `most`: so many shapes come at most. */
  constructor(most: number) {
    this.looks = new Uint32Array(LOOKS * most);
    this.boxes = new Float64Array(4 * most);
    this.parts = new Uint32Array(3 * most);
    this.coordinates = new Float32Array(CORNERS * most);
    this.ends = new Uint32Array(most);
    this.dots = new Float32Array(0);
  }

  /** An upright rectangle, of which no shape has to be made; false where it is another geometry. */
  addBox(id: string, geometry: Geometry, color: string): boolean {
    if (geometry.type !== "rectangle" || geometry.angle) return false;
    const { x, y, width, height } = geometry;
    this.coordinates = room(this.coordinates, this.filled.coordinates + CORNERS);
    this.ends = room(this.ends, this.filled.ends + 1);
    const [right, bottom] = [x + width, y + height];
    const to = this.coordinates;
    let at = this.filled.coordinates;
    to[at++] = x;
    to[at++] = y;
    to[at++] = right;
    to[at++] = y;
    to[at++] = right;
    to[at++] = bottom;
    to[at++] = x;
    to[at++] = bottom;
    this.filled.coordinates = at;
    this.ends[this.filled.ends++] = 4;
    this.close(id, color, true, 1, x, y, right, bottom);
    return true;
  }

  add(shape: Shape): void {
    const { filled } = this;
    this.coordinates = room(this.coordinates, filled.coordinates + shape.coordinates.length);
    this.coordinates.set(shape.coordinates, filled.coordinates);
    filled.coordinates += shape.coordinates.length;
    this.ends = room(this.ends, filled.ends + shape.ends.length);
    this.ends.set(shape.ends, filled.ends);
    filled.ends += shape.ends.length;
    this.dots = room(this.dots, filled.dots + shape.dots.length);
    this.dots.set(shape.dots, filled.dots);
    filled.dots += shape.dots.length;
    if (shape.mask) this.masks.set(this.ids.length, shape.mask);
    const { minX, minY, maxX, maxY } = shape.box;
    this.close(shape.id, shape.color, shape.closed, shape.filled, minX, minY, maxX, maxY);
  }

  done(): PackedShapes {
    const count = this.ids.length;
    return {
      ids: this.ids,
      colors: this.colors,
      masks: this.masks,
      looks: this.looks.subarray(0, LOOKS * count).slice(),
      boxes: this.boxes.slice(0, 4 * count),
      parts: this.parts.slice(0, 3 * count),
      coordinates: this.coordinates.slice(0, this.filled.coordinates),
      ends: this.ends.slice(0, this.filled.ends),
      dots: this.dots.slice(0, this.filled.dots),
    };
  }

  private close(
    id: string,
    color: string,
    closed: boolean,
    filled: number,
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
  ): void {
    const at = this.ids.length;
    this.ids.push(id);
    let number = this.numbers.get(color);
    if (number === undefined) {
      number = this.colors.push(color) - 1;
      this.numbers.set(color, number);
    }
    this.looks[LOOKS * at] = number;
    this.looks[LOOKS * at + 1] = closed ? 1 : 0;
    this.looks[LOOKS * at + 2] = filled;
    this.boxes[4 * at] = minX;
    this.boxes[4 * at + 1] = minY;
    this.boxes[4 * at + 2] = maxX;
    this.boxes[4 * at + 3] = maxY;
    this.parts[3 * at] = this.filled.coordinates;
    this.parts[3 * at + 1] = this.filled.ends;
    this.parts[3 * at + 2] = this.filled.dots;
  }
}

export function packed(shapes: readonly Shape[]): PackedShapes {
  const packer = new ShapePacker(shapes.length);
  for (const shape of shapes) packer.add(shape);
  return packer.done();
}

/** The shapes again, the first ones of them; their arrays are views. */
export function unpacked(from: PackedShapes, most = from.ids.length): Shape[] {
  const { looks, boxes, parts, coordinates, ends, dots } = from;
  const part = (at: number, which: number) => (at < 0 ? 0 : (parts[3 * at + which] as number));
  return from.ids.slice(0, most).map((id, i) => ({
    id,
    color: from.colors[looks[LOOKS * i] as number] ?? "",
    box: {
      minX: boxes[4 * i] as number,
      minY: boxes[4 * i + 1] as number,
      maxX: boxes[4 * i + 2] as number,
      maxY: boxes[4 * i + 3] as number,
    },
    coordinates: coordinates.subarray(part(i - 1, 0), part(i, 0)),
    ends: ends.subarray(part(i - 1, 1), part(i, 1)),
    closed: looks[LOOKS * i + 1] === 1,
    filled: looks[LOOKS * i + 2] as number,
    dots: dots.subarray(part(i - 1, 2), part(i, 2)),
    mask: from.masks.get(i) ?? null,
  }));
}

/** An array with room for so many numbers, twice as long where it has to grow. */
function room<T extends Float32Array | Uint32Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const wider = new (array.constructor as new (length: number) => T)(
    Math.max(length, 2 * array.length),
  );
  wider.set(array);
  return wider;
}
