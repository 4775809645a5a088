import type { Part, Ring, XY } from "../document/types.ts";
import { ringArea } from "./area.ts";
import { Arrangement, type Rule } from "./arrangement.ts";
import { boxOf } from "./box.ts";
import { insideRing } from "./hit.ts";
import { type GridPoints, type Layer, Noding, STEPS } from "./noding.ts";

/** Rings of one layer; a cut may be open. */
export interface Rings {
  readonly rings: readonly Ring[];
  readonly layer: Layer;
  readonly open?: boolean;
}

/**
 * What lies inside by a rule over the windings of two layers of rings, as parts that are valid (OGC
 * simple features) and on the grid of hundredths of a pixel; null where a ring is too far out for it.
 * Outer rings run clockwise on the screen, holes the other way.
 */
export function overlay(layers: readonly Rings[], rule: Rule): Part[] | null {
  const noding = new Noding();
  const corners = new Set<number>();
  for (const { rings, layer, open } of layers) {
    for (const ring of rings) if (!noding.add(ring, layer, !open)) return null;
  }
  for (let id = 0; id < noding.points.x.length; id++) corners.add(id);
  const edges = noding.edges();
  if (edges.length === 0) return [];
  const { points } = noding;
  const loops = new Arrangement(edges, points)
    .outlines(rule)
    .flatMap((outline) => loopsOf(outline))
    .map((loop) => straighten(loop, corners, points))
    .filter((loop) => loop.length >= 3);
  return assemble(loops, points);
}

/** An outline that comes back to a point, as loops that do not. */
function loopsOf(outline: readonly number[]): number[][] {
  const loops: number[][] = [];
  const path: number[] = [];
  const place = new Map<number, number>();
  for (const point of outline) {
    const seen = place.get(point);
    if (seen !== undefined) {
      const loop = path.splice(seen);
      for (const one of loop) place.delete(one);
      loops.push(loop);
    }
    place.set(point, path.length);
    path.push(point);
  }
  loops.push(path);
  return loops.filter((loop) => loop.length >= 3);
}

/** Without the points that crossings left on straight lines: what has gone needs no trace. */
function straighten(loop: number[], corners: ReadonlySet<number>, points: GridPoints): number[] {
  return loop.filter((point, i) => {
    if (corners.has(point)) return true;
    const before = loop[(i + loop.length - 1) % loop.length] as number;
    const after = loop[(i + 1) % loop.length] as number;
    return points.cross(before, point, after) !== 0;
  });
}

interface Loop {
  readonly ring: Ring;
  readonly area: number;
}

/** Loops as parts: each hole goes to the smallest ring around it. */
function assemble(loops: readonly (readonly number[])[], points: GridPoints): Part[] {
  const shells: (Loop & { readonly holes: Ring[] })[] = [];
  const holes: Loop[] = [];
  for (const loop of loops) {
    const ring = loop.map(
      (id): XY => [(points.x[id] as number) / STEPS, (points.y[id] as number) / STEPS],
    );
    const area = ringArea(ring);
    if (winds(loop, points)) shells.push({ ring, area, holes: [] });
    else holes.push({ ring, area });
  }
  const boxes = shells.map((shell) => boxOf(shell.ring));
  shells.sort((a, b) => a.area - b.area);
  shells.forEach((shell, i) => {
    boxes[i] = boxOf(shell.ring);
  });
  for (const { ring, area } of holes) {
    // Loops share points but no edges, so that the middle of an edge is clearly in or out.
    const [a, b] = ring as [XY, XY];
    const middle: XY = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const around = shells.find((shell, i) => {
      const box = boxes[i];
      if (!box || shell.area <= area) return false;
      if (middle[0] < box.minX || middle[0] > box.maxX) return false;
      if (middle[1] < box.minY || middle[1] > box.maxY) return false;
      return insideRing(middle, shell.ring);
    });
    around?.holes.push(ring);
  }
  return shells.reverse().map(({ ring, holes }) => [ring, ...holes]);
}

/** Does a loop have its inside to its left, y upwards? Told at its first point, where all edges lead on. */
function winds(loop: readonly number[], points: GridPoints): boolean {
  let first = 0;
  loop.forEach((point, i) => {
    if (points.before(point, loop[first] as number)) first = i;
  });
  const n = loop.length;
  const at = (i: number) => loop[(i + n) % n] as number;
  return points.cross(at(first - 1), at(first), at(first + 1)) > 0;
}
