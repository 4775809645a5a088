import type { Part, Ring, XY } from "../document/types.ts";
import type { Runs } from "./runs.ts";
import { simplify } from "./simplify.ts";

/**
 * The outlines of a mask along the edges of its pixels: one part for each region of pixels that
 * hang together by their sides, in the order of their top left corners; the outer ring clockwise on
 * the screen, then its holes, anticlockwise. Rings touch at corners at most. With a tolerance each
 * part is thinned, as far as it stays simple. `mask_to_polygons` in the kernel does the same.
 */
export function runsToPolygons(runs: Runs, tolerance = 0): Part[] {
  const parts = new Tracing(runs).parts();
  if (!(tolerance > 0)) return parts;
  return parts.flatMap((part) => simplify({ type: "polygon", parts: [part] }, tolerance).parts);
}

interface Loop {
  readonly corners: readonly number[];
  /** Place of its top left corner, in the order of rows. */
  readonly place: number;
  readonly hole: boolean;
}

/**
 * Corners sorted along rows pair up into horizontal edges; vertical ones are found as columns are
 * compared with the one before. Rings are the cycles of going along both in turn, with the mask on
 * the right hand. Corner 2 e is where the vertical edge e begins, 2 e + 1 where it ends.
 */
class Tracing {
  private readonly xs: number[] = [];
  private readonly ys: number[] = [];
  private readonly stride: number;
  /** Corners along rows, two by two the ends of a horizontal edge; and where each of them is. */
  private readonly order: Uint32Array;
  private readonly position: Uint32Array;
  /** The loop of each horizontal edge. */
  private readonly owner: Uint32Array;

  constructor(private readonly runs: Runs) {
    this.stride = runs.size[1] + 2;
    this.collect();
    this.order = this.alongRows();
    this.position = new Uint32Array(this.order.length);
    this.order.forEach((corner, i) => {
      this.position[corner] = i;
    });
    this.owner = new Uint32Array(this.order.length / 2);
  }

  parts(): Part[] {
    const loops = this.loops();
    const sorted = [...loops.keys()].sort(
      (a, b) => (loops[a] as Loop).place - (loops[b] as Loop).place,
    );
    const partOf = new Map<number, Ring[]>();
    const parts: Ring[][] = [];
    for (const i of sorted) {
      const loop = loops[i] as Loop;
      if (loop.hole) continue;
      const part = [this.ring(loop)];
      partOf.set(i, part);
      parts.push(part);
    }
    for (const i of sorted) {
      const loop = loops[i] as Loop;
      if (!loop.hole) continue;
      // What is met going up from the hole is the outline, or a hole that reaches higher up.
      const part = partOf.get(this.above(loop)) ?? [];
      part.push(this.ring(loop));
      partOf.set(i, part);
    }
    return parts;
  }

  private collect(): void {
    const { edges, size } = this.runs;
    const height = size[0];
    if (edges.length === 0) return;
    const first = Math.floor((edges[0] as number) / height);
    const last = Math.floor(((edges[edges.length - 1] as number) - 1) / height);
    let previous: number[] = [];
    let i = 0;
    for (let x = first; x <= last + 1; x++) {
      const column: number[] = [];
      const [from, to] = [x * height, (x + 1) * height];
      if (i % 2) column.push(0);
      while (i < edges.length && (edges[i] as number) < to) {
        const row = (edges[i++] as number) - from;
        // A run that ends at the foot of the column before is no run here.
        if (row === 0 && column.length > 0) column.pop();
        else column.push(row);
      }
      if (i % 2) column.push(height);
      this.compare(x, previous, column);
      previous = column;
    }
  }

  /** Find the vertical edges between two columns: down where the left one is set, else up. */
  private compare(x: number, left: readonly number[], right: readonly number[]): void {
    let i = 0;
    let j = 0;
    let start = 0;
    while (i < left.length || j < right.length) {
      const a = left[i] ?? Number.POSITIVE_INFINITY;
      const b = right[j] ?? Number.POSITIVE_INFINITY;
      const y = Math.min(a, b);
      if (i % 2 !== j % 2 && y > start) {
        this.xs.push(x, x);
        if (i % 2) this.ys.push(start, y);
        else this.ys.push(y, start);
      }
      if (a === y) i++;
      if (b === y) j++;
      start = y;
    }
  }

  private alongRows(): Uint32Array {
    const { ys } = this;
    const heads = new Uint32Array(this.runs.size[0] + 2);
    for (const y of ys) heads[y + 1] = (heads[y + 1] as number) + 1;
    for (let y = 1; y < heads.length; y++) {
      heads[y] = (heads[y] as number) + (heads[y - 1] as number);
    }
    const order = new Uint32Array(ys.length);
    // Edges came by columns, so that the corners of a row are in order by themselves.
    for (let corner = 0; corner < ys.length; corner++) {
      const y = ys[corner] as number;
      const place = heads[y] as number;
      order[place] = corner;
      heads[y] = place + 1;
    }
    // Where two pixels meet at a corner only, the left one's comes first: its edge goes down.
    for (let i = 1; i < order.length; i++) {
      const [one, two] = [order[i - 1] as number, order[i] as number];
      if (this.place(one) === this.place(two) && !this.isDown(one)) {
        order[i - 1] = two;
        order[i] = one;
      }
    }
    return order;
  }

  private place(corner: number): number {
    return (this.ys[corner] as number) * this.stride + (this.xs[corner] as number);
  }

  private isDown(corner: number): boolean {
    const start = corner & ~1;
    return (this.ys[start] as number) < (this.ys[start + 1] as number);
  }

  private loops(): Loop[] {
    const { order, position } = this;
    const loops: Loop[] = [];
    const seen = new Uint8Array(order.length);
    for (const start of order) {
      // From where a vertical edge begins, along it and along the horizontal one behind it.
      let corner = start & ~1;
      if (seen[corner]) continue;
      const walk: number[] = [];
      while (!seen[corner]) {
        seen[corner] = 1;
        walk.push(corner, corner + 1);
        corner = order[(position[corner + 1] as number) ^ 1] as number;
      }
      this.cut(walk, loops);
    }
    return loops;
  }

  /** Cut a closed walk that comes to a place twice into rings that do not. */
  private cut(walk: readonly number[], loops: Loop[]): void {
    const path: number[] = [];
    const at = new Map<number, number>();
    for (const corner of walk) {
      const place = this.place(corner);
      const known = at.get(place);
      if (known !== undefined) {
        const loop = path.splice(known);
        for (const passed of loop) at.delete(this.place(passed));
        this.keep(loop, loops);
      }
      at.set(place, path.length);
      path.push(corner);
    }
    this.keep(path, loops);
  }

  private keep(corners: number[], loops: Loop[]): void {
    let least = 0;
    let area = 0;
    corners.forEach((corner, i) => {
      const next = corners[(i + 1) % corners.length] as number;
      area += (this.xs[corner] as number) * (this.ys[next] as number);
      area -= (this.xs[next] as number) * (this.ys[corner] as number);
      if (this.place(corner) < this.place(corners[least] as number)) least = i;
      // The horizontal edge that leaves a corner is this loop's; cutting keeps those.
      if (corner % 2) this.owner[(this.position[corner] as number) >> 1] = loops.length;
    });
    const turned = [...corners.slice(least), ...corners.slice(0, least)];
    loops.push({
      corners: turned,
      place: this.place(turned[0] as number),
      hole: area < 0,
    });
  }

  private ring({ corners }: Loop): Ring {
    return corners.map((corner): XY => [this.xs[corner] as number, this.ys[corner] as number]);
  }

  /** The loop that passes above a hole: up from its top left corner to where the run begins. */
  private above(hole: Loop): number {
    const corner = hole.corners[0] as number;
    const [x, y] = [this.xs[corner] as number, this.ys[corner] as number];
    const { edges, size } = this.runs;
    const k = x * size[0] + y - 1;
    let [low, high] = [0, edges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((edges[middle] as number) <= k) low = middle + 1;
      else high = middle;
    }
    const top = Math.max((edges[low - 1] as number) - x * size[0], 0);
    return this.owner[this.edgeAt(x, top)] as number;
  }

  /** The horizontal edge along the top of the pixel at (x, y). */
  private edgeAt(x: number, y: number): number {
    const wanted = y * this.stride + x;
    let [low, high] = [0, this.owner.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.place(this.order[2 * middle] as number) <= wanted) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
