import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spansOf } from "../geometry/columns.ts";
import { type Runs, runsContain, runsFromBitmap } from "../geometry/runs.ts";
import { eachEdge } from "./mask_edge.ts";
import { packed, shade } from "./mask_shade.ts";
import { levelOf } from "./mask_tiles.ts";

const INK = { fill: packed("#102030"), edge: packed("#ffffff") };

const mask = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc
      .array(fc.constantFrom(0, 1, 1), { minLength: width * height, maxLength: width * height })
      .map((pixels) => runsFromBitmap(Uint8Array.from(pixels), width, height)),
  );
const place = fc.integer({ min: 0, max: 12 });

function painted(runs: Runs, level: number, minX: number, minY: number, side: number) {
  const out = new Uint32Array(side * side);
  const box = { minX, minY, maxX: minX + side, maxY: minY + side };
  const source = { size: runs.size, spans: (column: number) => spansOf(runs, column) };
  const any = shade(source, level, box, INK, out);
  const opacity = (x: number, y: number) => (out[(y - minY) * side + x - minX] as number) >>> 24;
  const ink = (x: number, y: number) => (out[(y - minY) * side + x - minX] as number) & 0xffffff;
  return { any, opacity, ink };
}

describe("a mask as pixels", () => {
  it("shows the pixels that are set and no others, its edge in the edge's colour", () => {
    fc.assert(
      fc.property(mask, place, place, (runs, minX, minY) => {
        const { any, opacity, ink } = painted(runs, 0, minX, minY, 8);
        const set = (x: number, y: number) => runsContain(runs, x, y);
        let count = 0;
        for (let y = minY; y < minY + 8; y++) {
          for (let x = minX; x < minX + 8; x++) {
            if (!set(x, y)) {
              expect(opacity(x, y)).toBe(0);
              continue;
            }
            count++;
            const inside = set(x - 1, y) && set(x + 1, y) && set(x, y - 1) && set(x, y + 1);
            expect(opacity(x, y)).toBe(inside ? 128 : 255);
            expect(ink(x, y)).toBe(inside ? INK.fill : INK.edge);
          }
        }
        expect(any).toBe(count > 0);
      }),
    );
  });

  it("zoomed out, is as opaque as the part that is covered", () => {
    fc.assert(
      fc.property(mask, fc.integer({ min: 1, max: 3 }), place, place, (runs, level, minX, minY) => {
        const { opacity, ink } = painted(runs, level, minX, minY, 5);
        const scale = 2 ** level;
        for (let y = minY; y < minY + 5; y++) {
          for (let x = minX; x < minX + 5; x++) {
            let covered = 0;
            for (let i = 0; i < scale * scale; i++) {
              const column = x * scale + (i % scale);
              if (runsContain(runs, column, y * scale + Math.floor(i / scale))) covered++;
            }
            const full = covered / (scale * scale);
            const half = ink(x, y) === INK.fill && covered > 0;
            expect(opacity(x, y)).toBe(Math.round((half ? 0.5 : 1) * 255 * full));
          }
        }
      }),
    );
  });

  it("zoomed in, has a line wherever a pixel that is set meets one that is not", () => {
    fc.assert(
      fc.property(mask, (runs) => {
        const [height, width] = runs.size;
        const set = (x: number, y: number) => runsContain(runs, x, y);
        const wanted = new Set<string>();
        for (let y = 0; y <= height; y++) {
          for (let x = 0; x <= width; x++) {
            if (set(x, y) !== set(x, y - 1)) wanted.add(`${x} ${y} right`);
            if (set(x, y) !== set(x - 1, y)) wanted.add(`${x} ${y} down`);
          }
        }
        const found: string[] = [];
        const source = { size: runs.size, spans: (column: number) => spansOf(runs, column) };
        const box = { minX: 0, minY: 0, maxX: width, maxY: height };
        eachEdge(source, box, (x0, y0, x1, y1) => {
          if (y0 === y1) found.push(`${x0} ${y0} right`);
          else for (let y = y0; y < y1; y++) found.push(`${x1} ${y} down`);
        });
        expect(found.sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it("has its colour's bytes in the order of a canvas", () => {
    const bytes = new Uint8Array(Uint32Array.of(packed("#102030")).buffer);
    expect([...bytes]).toEqual([0x10, 0x20, 0x30, 0]);
  });

  it("is kept at the coarsest level whose pixels are not seen", () => {
    expect([64, 1, 0.9, 0.51, 0.5, 0.26, 0.25, 0.001].map(levelOf)).toEqual([
      0, 0, 0, 0, 1, 1, 2, 7,
    ]);
  });
});
