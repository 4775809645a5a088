import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/shaping.json";
import type { Part, Polygon, Ring, XY } from "../document/types.ts";
import { intersect, type Made, partArea, split, subtract, unite } from "./boolean.ts";
import { type Ways, waysAlong } from "./border.ts";
import { outlineOf } from "./freehand.ts";
import { contains } from "./hit.ts";
import { overlay } from "./overlay.ts";
import { sculpt } from "./sculpt.ts";
import { moveShared } from "./shared.ts";
import { simplify } from "./simplify.ts";

/** What the kernel makes of the same input; see tests/golden/shaping.py. */
interface Case {
  readonly does: string;
  readonly name: string;
  readonly one: Part[];
  readonly other: Part[];
  readonly line: Ring;
  readonly tolerance: number;
  readonly ring: number;
  readonly centre: XY;
  readonly radius: number;
  readonly size: XY;
  readonly from: XY;
  readonly to: XY;
  readonly cells: Record<string, Part[]>;
  readonly made: unknown;
}
const all = golden.cases as unknown as Case[];
const cases = (...does: string[]) => all.filter((one) => does.includes(one.does));
const polygon = (parts: readonly Part[]): Polygon => ({ type: "polygon", parts });
const partsOf = (made: Made<Polygon>) => (made.ok ? made.value.parts : null);

/** Square pixels that only one of them covers. */
function difference(one: readonly Part[], other: readonly Part[]): number {
  const rest = overlay(
    [
      { rings: one.flat(), layer: 0 },
      { rings: other.flat(), layer: 1 },
    ],
    (a, b) => (a % 2 !== 0) !== (b % 2 !== 0),
  );
  return (rest ?? []).reduce((sum, part) => sum + partArea(part), 0);
}

function pixels(parts: readonly Part[]): string {
  const rows = Array.from({ length: 50 }, (_, y) =>
    Array.from({ length: 60 }, (_, x) =>
      contains(polygon(parts), [x + 0.5, y + 0.5]) ? "#" : ".",
    ).join(""),
  );
  return rows.join("\n");
}

function expectSameArea(mine: readonly Part[] | null, made: unknown): void {
  expect(mine === null).toBe(made === null);
  if (!mine || !made) return;
  const theirs = made as Part[];
  // At a crossing both round to the grid, but not always to the same side.
  expect(difference(mine, theirs)).toBeLessThan(0.5);
  expect(pixels(mine)).toBe(pixels(theirs));
}

describe("what the kernel does, too", () => {
  it.each(cases("unite", "subtract", "intersect"))("$does: $name", (one) => {
    const [a, b] = [polygon(one.one), polygon(one.other)];
    const made =
      one.does === "unite"
        ? unite([a, b])
        : one.does === "subtract"
          ? subtract(a, [b])
          : intersect([a, b]);
    expectSameArea(partsOf(made), one.made);
  });

  it.each(cases("split"))("split: $name", ({ one, line, made }) => {
    const mine = split(polygon(one), line);
    expect(mine.ok).toBe(made !== null);
    if (!mine.ok) return;
    const theirs = made as Part[][];
    expect(mine.value).toHaveLength(theirs.length);
    mine.value.forEach((piece, i) => {
      expectSameArea(piece.parts, theirs[i]);
    });
  });

  it.each(cases("simplify"))("simplify: $name", ({ one, tolerance, made }) => {
    expect(simplify(polygon(one), tolerance).parts).toEqual(made);
  });

  it.each(cases("outline"))("outline: $name", ({ line, made }) => {
    const mine = outlineOf(line, 0.5);
    expect(mine.ok).toBe(made !== null);
    if (mine.ok) expectSameArea([[mine.value.ring]], [[made]]);
  });

  it.each(cases("sculpt"))("sculpt: $name", ({ one, ring, centre, radius, size, made }) => {
    const [width, height] = size;
    const mine = sculpt(polygon(one), { part: 0, ring }, centre, radius, { width, height });
    expect(mine.parts).toEqual(made);
  });

  it.each(cases("trace"))("trace: $name", ({ one, from, to, made }) => {
    expect(waysAlong(polygon(one), from, to)).toEqual(made as Ways);
  });

  it.each(cases("move"))("move a shared vertex: $name", ({ cells, from, to, made }) => {
    const shapes = new Map(Object.entries(cells).map(([id, parts]) => [id, polygon(parts)]));
    const moved = moveShared(shapes, from, to);
    const parts = Object.fromEntries([...moved].map(([id, one]) => [id, one.parts]));
    expect(parts).toEqual(made);
  });
});
