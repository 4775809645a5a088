import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry } from "../document/types.ts";
import type { Box } from "../geometry/box.ts";
import type { Context2D } from "./paint.ts";
import { type Shape, shapeOf } from "./scene.ts";
import { type Frame, ShapesPainter } from "./shapes_painter.ts";

const WIDTH = 64;
const HEIGHT = 48;

/**
 * A canvas that remembers for each pixel which colours were put on it, in their order; a line puts
 * its colour on its whole box, so that a repaint has to care for all that a line may touch.
 */
class Paper {
  readonly cells: string[][] = Array.from({ length: WIDTH * HEIGHT }, () => []);
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  globalAlpha = 1;
  lineJoin = "";
  private path: [number, number][] = [];
  private rectangle: [number, number, number, number] | null = null;
  private clipped: [number, number, number, number] | null = null;
  private readonly saved: (typeof this.clipped)[] = [];

  save(): void {
    this.saved.push(this.clipped);
  }
  restore(): void {
    this.clipped = this.saved.pop() ?? null;
  }
  setTransform(): void {}
  setLineDash(): void {}
  closePath(): void {}
  beginPath(): void {
    this.path = [];
    this.rectangle = null;
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.rectangle = [x, y, x + width, y + height];
  }
  clip(): void {
    this.clipped = this.rectangle;
  }
  moveTo(x: number, y: number): void {
    this.path.push([x, y]);
  }
  lineTo(x: number, y: number): void {
    this.path.push([x, y]);
  }
  arc(x: number, y: number, radius: number): void {
    this.path.push([x - radius, y - radius], [x + radius, y + radius]);
  }
  fill(): void {
    this.ink(this.fillStyle, 0);
  }
  stroke(): void {
    this.ink(this.strokeStyle, this.lineWidth / 2);
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.each([x, y, x + width, y + height], (cell) => cell.push(this.fillStyle));
  }
  clearRect(x: number, y: number, width: number, height: number): void {
    this.each([x, y, x + width, y + height], (cell) => cell.splice(0));
  }

  private ink(color: string, margin: number): void {
    const xs = this.path.map(([x]) => x);
    const ys = this.path.map(([, y]) => y);
    const box: [number, number, number, number] = [
      Math.min(...xs) - margin,
      Math.min(...ys) - margin,
      Math.max(...xs) + margin,
      Math.max(...ys) + margin,
    ];
    this.each(box, (cell) => cell.push(color));
  }

  private each([x0, y0, x1, y1]: readonly number[], work: (cell: string[]) => void): void {
    const [left, top, right, bottom] = this.clipped ?? [0, 0, WIDTH, HEIGHT];
    for (let y = Math.max(top, Math.floor(y0 ?? 0)); y < Math.min(bottom, Math.ceil(y1 ?? 0)); y++)
      for (
        let x = Math.max(left, Math.floor(x0 ?? 0));
        x < Math.min(right, Math.ceil(x1 ?? 0));
        x++
      )
        work(this.cells[y * WIDTH + x] ?? []);
  }

  get context(): Context2D {
    return this as unknown as Context2D;
  }
  get colors(): Set<string> {
    return new Set(this.cells.flat());
  }
}

const shape = (id: string, geometry: Geometry): Shape => {
  const made = shapeOf({ id, class_name: id, geometry }, new Map([[id, `color of ${id}`]]));
  if (!made) throw new Error("A shape has a place.");
  return made;
};
const rectangle = (x: number, y: number, width = 10, height = 8): Geometry => ({
  ...{ type: "rectangle", x, y, width, height },
});
const frame: Frame = { view: { scale: 1, x: 0, y: 0 }, width: WIDTH, height: HEIGHT, ratio: 1 };
const still = () => false;

async function painted(painter: ShapesPainter, on: Frame = frame): Promise<Paper> {
  const paper = new Paper();
  expect(await painter.paint(paper.context, on, still)).toBe(true);
  return paper;
}

describe("ShapesPainter", () => {
  it("says what has to be painted again: where a shape was, and where it is", () => {
    const painter = new ShapesPainter();
    const [here, there] = [shape("a", rectangle(0, 0)), shape("a", rectangle(30, 20))];
    expect(painter.put([here])).toEqual([here.box]);
    expect(painter.put([there])).toEqual([here.box, there.box]);
    expect(painter.drop(["a", "unknown"])).toEqual([there.box]);
    expect(painter.drop(["a"])).toEqual([]);
    expect(painter.size).toBe(0);
  });

  it("hides these and only these", async () => {
    const painter = new ShapesPainter();
    const [a, b] = [shape("a", rectangle(0, 0)), shape("b", rectangle(30, 20))];
    painter.load([a, b]);
    expect(painter.hide(["a", "unknown"])).toEqual([a.box]);
    expect((await painted(painter)).colors).not.toContain("color of a");
    expect(painter.hide(["a"])).toEqual([]);
    expect(painter.hide(["b"])).toEqual([a.box, b.box]);
    expect((await painted(painter)).colors).toContain("color of a");
    expect(painter.hide([])).toEqual([b.box]);
    expect((await painted(painter)).colors).toContain("color of b");
  });

  it("paints later shapes over earlier ones, and a changed one in its old place", async () => {
    const painter = new ShapesPainter();
    painter.load([shape("a", rectangle(0, 0)), shape("b", rectangle(0, 0))]);
    painter.put([shape("a", rectangle(0, 0, 20, 20))]);
    const cell = (await painted(painter)).cells[5 * WIDTH + 5] ?? [];
    expect(cell.indexOf("color of a")).toBeLessThan(cell.indexOf("color of b"));
  });

  it("paints only what is in sight", async () => {
    const painter = new ShapesPainter();
    painter.load([shape("a", rectangle(0, 0)), shape("b", rectangle(500, 0))]);
    expect((await painted(painter)).colors).not.toContain("color of b");
    const away: Frame = { ...frame, view: { scale: 1, x: -490, y: 0 } };
    const colors = (await painted(painter, away)).colors;
    expect([colors.has("color of a"), colors.has("color of b")]).toEqual([false, true]);
  });

  it("stops in the middle when something newer is wanted", async () => {
    let now = 0;
    let pauses = 0;
    const painter = new ShapesPainter(
      () => (now += 5),
      async () => void pauses++,
    );
    painter.load(Array.from({ length: 50 }, (_, i) => shape(`s${i}`, rectangle(0, 0))));
    const paper = new Paper();
    expect(await painter.paint(paper.context, frame, () => pauses === 3)).toBe(false);
    expect(pauses).toBe(3);
    expect(paper.colors).not.toContain("color of s49");
    expect(await painter.paint(paper.context, frame, still)).toBe(true);
    expect(paper.colors).toContain("color of s49");
  });

  it("repainting what changed looks like painting everything", async () => {
    const place = fc.record({
      kind: fc.constantFrom("rectangle", "point", "speck"),
      x: fc.integer({ min: -10, max: 70 }),
      y: fc.integer({ min: -10, max: 60 }),
      width: fc.integer({ min: 3, max: 40 }),
      height: fc.integer({ min: 3, max: 30 }),
    });
    const name = fc.constantFrom("a", "b", "c", "d", "e");
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("put" as const), name, place }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), name }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant("hide" as const),
          names: fc.uniqueArray(name, { maxLength: 3 }),
        }),
      },
    );
    const frames = fc.constantFrom<Frame>(
      frame,
      { ...frame, view: { scale: 2.5, x: -40.3, y: -20.7 } },
      { ...frame, view: { scale: 0.4, x: 10, y: 5.5 }, ratio: 2 },
    );
    const steps = fc.array(step, { minLength: 1, maxLength: 20, size: "max" });
    const load = fc.array(fc.tuple(name, place), { maxLength: 5, size: "max" });
    const made = (
      id: string,
      { kind, x, y, width, height }: typeof place extends fc.Arbitrary<infer P> ? P : never,
    ) =>
      shape(
        id,
        kind === "point"
          ? { type: "point", x, y }
          : kind === "speck"
            ? rectangle(x, y, 0.5, 0.5)
            : rectangle(x, y, width, height),
      );
    await fc.assert(
      fc.asyncProperty(load, steps, frames, async (first, list, on) => {
        const painter = new ShapesPainter();
        painter.load([...new Map(first).entries()].map(([id, at]) => made(id, at)));
        const paper = await painted(painter, on);
        for (const one of list) {
          const dirty: Box[] =
            one.do === "put"
              ? painter.put([made(one.name, one.place)])
              : one.do === "drop"
                ? painter.drop([one.name])
                : painter.hide(one.names);
          painter.repaint(paper.context, on, dirty);
          expect(paper.cells).toEqual((await painted(painter, on)).cells);
        }
      }),
      { numRuns: 60 },
    );
  });
});
