import Flatbush from "flatbush";
import type { Ring } from "../document/types.ts";

/** A hundredth of a pixel is one step of the grid. */
export const STEPS = 100;
/** Coordinates are exact up to here, in steps: differences and their products fit a double. */
const FAR = 2 ** 25;

/** What a line belongs to: the first or the second operand, or a cut that bounds nothing by itself. */
export type Layer = 0 | 1 | "cut";

/** A directed line between two points of the grid. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly layer: Layer;
}

/** An edge between two points, from the lesser to the greater, and how often each layer runs along it. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly winding: [number, number];
  cut: boolean;
}

/** Points on the grid of hundredths of a pixel, each once. */
export class GridPoints {
  readonly x: number[] = [];
  readonly y: number[] = [];
  private readonly ids = new Map<number, number>();

  /** The number of a point, by its coordinates in steps. */
  id(x: number, y: number): number {
    const key = (x + FAR) * 2 * FAR + (y + FAR);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    this.ids.set(key, this.x.length);
    this.x.push(x);
    this.y.push(y);
    return this.x.length - 1;
  }

  /** Twice the area of the triangle a, b, c; positive where c lies to the left with y upwards. Exact. */
  cross(a: number, b: number, c: number): number {
    const [ax, ay] = [this.x[a] as number, this.y[a] as number];
    return (
      ((this.x[b] as number) - ax) * ((this.y[c] as number) - ay) -
      ((this.y[b] as number) - ay) * ((this.x[c] as number) - ax)
    );
  }

  /** Left to right, then by y. */
  before(a: number, b: number): boolean {
    const dx = (this.x[a] as number) - (this.x[b] as number);
    return dx < 0 || (dx === 0 && (this.y[a] as number) < (this.y[b] as number));
  }
}

/**
 * Lines that are snap-rounded: in the end no two have more in common than end points, and all points
 * lie on the grid.
 *
 * After Hobby, Practical segment intersection with finite precision output (1999): every end and every
 * crossing makes the grid cell around it hot, and a line that goes through a hot cell is bent to its
 * centre. Done again until nothing is bent, because crossings are computed in doubles.
 */
export class Noding {
  readonly points = new GridPoints();
  private lines: Line[] = [];

  /** False where the ring has no place on the grid. */
  add(ring: Ring, layer: Layer, closed = true): boolean {
    const ids: number[] = [];
    for (const [x, y] of ring) {
      const [gx, gy] = [Math.round(x * STEPS), Math.round(y * STEPS)];
      if (!(Math.abs(gx) < FAR && Math.abs(gy) < FAR)) return false;
      ids.push(this.points.id(gx, gy));
    }
    ids.forEach((to, i) => {
      const from = i > 0 ? ids[i - 1] : closed ? ids.at(-1) : undefined;
      if (from !== undefined && from !== to) this.lines.push({ from, to, layer });
    });
    return true;
  }

  /** The edges, those of both directions that cancel out left away. */
  edges(): Edge[] {
    while (this.bend());
    const edges = new Map<number, Edge>();
    const count = this.points.x.length;
    for (const { from, to, layer } of this.lines) {
      const ahead = this.points.before(from, to);
      const [low, high] = ahead ? [from, to] : [to, from];
      const key = low * count + high;
      let edge = edges.get(key);
      if (!edge) {
        edge = { from: low, to: high, winding: [0, 0], cut: false };
        edges.set(key, edge);
      }
      if (layer === "cut") edge.cut = true;
      else edge.winding[layer] += ahead ? 1 : -1;
    }
    return [...edges.values()].filter(({ winding, cut }) => cut || winding[0] || winding[1]);
  }

  /** Bend every line to the hot cells on its way; false where there were none. */
  private bend(): boolean {
    const { lines, points } = this;
    if (lines.length === 0) return false;
    const tree = new Flatbush(lines.length);
    for (const { from, to } of lines) {
      const [ax, ay, bx, by] = this.ends(from, to);
      tree.add(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by));
    }
    tree.finish();
    const bends = new Map<number, Set<number>>();
    const put = (line: number, point: number) => {
      const { from, to } = lines[line] as Line;
      if (point === from || point === to) return;
      const found = bends.get(line);
      if (found) found.add(point);
      else bends.set(line, new Set([point]));
    };
    const crossings = new Set<number>();
    lines.forEach((one, i) => {
      const [ax, ay, bx, by] = this.ends(one.from, one.to);
      const [left, top] = [Math.min(ax, bx), Math.min(ay, by)];
      const [right, bottom] = [Math.max(ax, bx), Math.max(ay, by)];
      for (const j of tree.search(left, top, right, bottom, (other) => other > i)) {
        const other = lines[j] as Line;
        for (const end of [other.from, other.to]) if (this.passes(one, end)) put(i, end);
        for (const end of [one.from, one.to]) if (this.passes(other, end)) put(j, end);
        const at = this.crossing(one, other);
        if (at === null) continue;
        put(i, at);
        put(j, at);
        crossings.add(at);
      }
    });
    for (const point of crossings) {
      const [x, y] = [points.x[point] as number, points.y[point] as number];
      for (const i of tree.search(x, y, x, y))
        if (this.passes(lines[i] as Line, point)) put(i, point);
    }
    if (bends.size === 0) return false;
    this.lines = lines.flatMap((line, i) => {
      const found = bends.get(i);
      return found ? this.through(line, [...found]) : [line];
    });
    return true;
  }

  private ends(from: number, to: number): [number, number, number, number] {
    const { x, y } = this.points;
    return [x[from] as number, y[from] as number, x[to] as number, y[to] as number];
  }

  /** Does the line go through the inside of the cell around a point? */
  private passes({ from, to }: Line, point: number): boolean {
    if (point === from || point === to) return false;
    const [ax, ay, bx, by] = this.ends(from, to);
    const [x, y] = [this.points.x[point] as number, this.points.y[point] as number];
    if (x < Math.min(ax, bx) || x > Math.max(ax, bx)) return false;
    if (y < Math.min(ay, by) || y > Math.max(ay, by)) return false;
    const reach = Math.abs(bx - ax) + Math.abs(by - ay);
    return 2 * Math.abs(this.points.cross(from, to, point)) < reach;
  }

  /** The grid point nearest to where two lines cross, null where they do not. */
  private crossing(one: Line, other: Line): number | null {
    const { points } = this;
    const c = points.cross(one.from, one.to, other.from);
    const d = points.cross(one.from, one.to, other.to);
    if (Math.sign(c) * Math.sign(d) >= 0) return null;
    const a = points.cross(other.from, other.to, one.from);
    const b = points.cross(other.from, other.to, one.to);
    if (Math.sign(a) * Math.sign(b) >= 0) return null;
    const [ax, ay, bx, by] = this.ends(one.from, one.to);
    const t = a / (a - b);
    return points.id(Math.round(ax + t * (bx - ax)), Math.round(ay + t * (by - ay)));
  }

  private through({ from, to, layer }: Line, bends: number[]): Line[] {
    const [ax, ay, bx, by] = this.ends(from, to);
    const along = (point: number) =>
      ((this.points.x[point] as number) - ax) * (bx - ax) +
      ((this.points.y[point] as number) - ay) * (by - ay);
    const stops = [from, ...bends.sort((a, b) => along(a) - along(b)), to];
    return stops.slice(1).map((stop, i) => ({ from: stops[i] as number, to: stop, layer }));
  }
}
