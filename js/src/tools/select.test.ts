import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Polygon, Rectangle, XY } from "../document/types.ts";
import { edgeNear } from "../geometry/near.ts";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform, place } from "../testing/hands.ts";
import { select } from "./select.ts";

const BOX: Rectangle = { type: "rectangle", x: 20, y: 20, width: 40, height: 30 };
const OTHER: Rectangle = { type: "rectangle", x: 100, y: 50, width: 20, height: 20 };
const ring = (...points: XY[]): Polygon => ({ type: "polygon", parts: [[points]] });
const SQUARE = ring([20, 20], [60, 20], [60, 60], [20, 60]);

const bench = () => new Bench(select);
const boxes = () => bench().lay("a", BOX).lay("b", OTHER);
const square = () => bench().lay("p", SQUARE).choose("p");
const edits = (of: Bench<unknown>) => of.effects.filter((one) => one.type === "update");

describe("selecting", () => {
  it("a click takes the shape under it, a click beside it none", () => {
    const on = boxes().click([30, 30]);
    expect(on.selection).toEqual(["a"]);
    expect(edits(on)).toEqual([]);
    expect(on.click([180, 90]).selection).toEqual([]);
  });

  it("Shift-click adds and takes away", () => {
    const on = boxes().click([30, 30]).click([110, 60], { shift: true });
    expect(on.selection).toEqual(["a", "b"]);
    expect(on.click([30, 30], { shift: true }).selection).toEqual(["b"]);
    expect(on.click([180, 90], { shift: true }).selection).toEqual(["b"]);
  });

  it("a click on one of several takes that one, a drag moves them all", () => {
    const on = boxes().choose("a", "b").click([30, 30]);
    expect(on.selection).toEqual(["a"]);
    const dragged = boxes()
      .choose("a", "b")
      .pull([
        [30, 30],
        [40, 35],
      ]);
    expect(dragged.selection).toEqual(["a", "b"]);
    expect(dragged.geometry("a")).toEqual({ ...BOX, x: 30, y: 25 });
    expect(dragged.geometry("b")).toEqual({ ...OTHER, x: 110, y: 55 });
    expect(edits(dragged)).toHaveLength(1);
  });

  it("a marquee takes what lies wholly in it, Shift adds to it", () => {
    const on = boxes().down([5, 5]).drag([70, 70]);
    expect(on.preview.marquee).toEqual({ minX: 5, minY: 5, maxX: 70, maxY: 70 });
    expect(on.busy).toBe(true);
    expect(on.up([70, 70]).selection).toEqual(["a"]);
    on.down([90, 40], { shift: true }).drag([130, 80]).up([130, 80]);
    expect(on.selection).toEqual(["a", "b"]);
    expect(on.down([95, 14]).drag([110, 90]).up([110, 90]).selection).toEqual([]);
  });

  it("Escape ends a marquee and leaves the selection", () => {
    const on = boxes().choose("b").down([5, 5]).drag([70, 70]).cancel();
    expect(on.preview.marquee).toBeNull();
    expect(on.up([70, 70]).selection).toEqual(["b"]);
  });
});

describe("moving", () => {
  it("an unselected shape is taken and moved in one go", () => {
    const on = boxes().down([30, 30]).drag([50, 40]);
    expect(on.selection).toEqual(["a"]);
    expect(on.preview.changed.get("a")).toEqual({ ...BOX, x: 40, y: 30 });
    expect(edits(on)).toEqual([]);
    on.up([50, 40]);
    expect(on.effects.at(-1)).toEqual({
      type: "update",
      shapes: [["a", { ...BOX, x: 40, y: 30 }]],
    });
    expect(on.busy).toBe(false);
  });

  it("stays on the picture, and slides along its edge", () => {
    const on = boxes().pull([
      [30, 30],
      [-500, 40],
    ]);
    expect(on.geometry("a")).toEqual({ ...BOX, x: 0, y: 30 });
    const both = boxes()
      .choose("a", "b")
      .pull([
        [30, 30],
        [30, 500],
      ]);
    expect(both.geometry("b")).toEqual({ ...OTHER, y: 80 });
    expect(both.geometry("a")).toEqual({ ...BOX, y: 50 });
  });

  it("with Shift goes along one axis", () => {
    const across = boxes().pull(
      [
        [30, 30],
        [50, 35],
      ],
      { shift: true },
    );
    expect(across.geometry("a")).toEqual({ ...BOX, x: 40 });
    const down = boxes().pull(
      [
        [30, 30],
        [33, 50],
      ],
      { shift: true },
    );
    expect(down.geometry("a")).toEqual({ ...BOX, y: 40 });
  });

  it("a hand that trembles moves nothing", () => {
    const on = boxes().pull([
      [30, 30],
      [32, 31],
      [30, 32],
    ]);
    expect(on.selection).toEqual(["a"]);
    expect(edits(on)).toEqual([]);
  });

  it("Escape puts everything back", () => {
    const on = boxes().choose("a").down([30, 30]).drag([60, 60]).cancel();
    expect(on.preview.changed.size).toBe(0);
    on.up([60, 60]);
    expect(edits(on)).toEqual([]);
    expect(on.geometry("a")).toEqual(BOX);
  });

  it("against the edge already, makes no edit", () => {
    const on = bench()
      .lay("a", { ...BOX, x: 0 })
      .pull([
        [30, 30],
        [10, 30],
      ]);
    expect(edits(on)).toEqual([]);
  });

  it("does not bend a shape, however finely it was drawn or moved", () => {
    const corner = fc.tuple(fc.nat(6000), fc.nat(6000));
    const step = fc.integer({ min: -160, max: 160 });
    fc.assert(
      fc.property(
        fc.array(corner, { minLength: 3, maxLength: 8, size: "max" }),
        step,
        step,
        (raw, dx, dy) => {
          const points = raw.map(([x, y]): XY => [20 + x / 100, 20 + y / 100]);
          const on = bench()
            .lay("p", ring(...points))
            .choose("p");
          // Eighths of a pixel, as an eightfold zoom has them: they round either way.
          const to: XY = [40 + dx / 8, 40 + dy / 8];
          const state = { phase: "move", ids: ["p"], from: [40, 40], to, click: null } as const;
          const moved = select.preview(state, on.scene).changed.get("p") as Polygon | undefined;
          if (!moved) return;
          const after = moved.parts[0]?.[0] ?? [];
          const [first, start] = [points[0] as XY, after[0] as XY];
          points.forEach(([x, y], i) => {
            const [u, v] = after[i] as XY;
            expect(u - start[0]).toBeCloseTo(x - first[0], 6);
            expect(v - start[1]).toBeCloseTo(y - first[1], 6);
          });
        },
      ),
    );
  });

  it("takes along shapes whose points lie on one another, as imports may have them", () => {
    const twice = ring([20, 20], [60, 20], [60, 20], [60, 60]);
    const on = bench()
      .lay("p", twice)
      .pull([
        [50, 30],
        [60, 30],
      ]);
    expect(on.geometry("p")).toEqual(ring([30, 20], [70, 20], [70, 20], [70, 60]));
    expect(on.said).toEqual([]);
  });
});

describe("locked shapes", () => {
  it("can be selected, not moved", () => {
    const on = bench().lay("a", BOX, "locked").click([30, 30]);
    expect(on.selection).toEqual(["a"]);
    on.pull([
      [30, 30],
      [60, 60],
    ]);
    expect(edits(on)).toEqual([]);
    expect(on.said).toHaveLength(1);
    expect(on.said[0]).toContain("locked");
  });

  it("stay where they are when others move", () => {
    const on = bench().lay("a", BOX, "locked").lay("b", OTHER).choose("a", "b");
    on.pull([
      [110, 60],
      [120, 60],
    ]);
    expect(on.geometry("a")).toEqual(BOX);
    expect(on.geometry("b")).toEqual({ ...OTHER, x: 110 });
  });

  it("have no handles, no vertices to take, and none to put in or delete", () => {
    const rectangle = bench().lay("a", BOX, "locked").choose("a");
    rectangle.pull([
      [60, 50],
      [80, 80],
    ]);
    expect(rectangle.said).toHaveLength(1);
    const polygon = bench().lay("p", SQUARE, "locked").choose("p");
    polygon.pull([
      [60, 60],
      [80, 80],
    ]);
    polygon.click([60, 60], { ctrl: true });
    polygon.click([40, 20], { ctrl: true });
    expect(polygon.said).toHaveLength(3);
    expect([...edits(rectangle), ...edits(polygon)]).toEqual([]);
  });

  it("let go of what was locked while in hand", () => {
    for (const [shape, from, to] of [
      [BOX, [60, 50], [80, 80]],
      [SQUARE, [60, 60], [80, 80]],
    ] as const) {
      const on = bench().lay("x", shape).choose("x").down(from).drag(to);
      on.lay("x", shape, "locked").up(to);
      expect(edits(on)).toEqual([]);
    }
  });
});

describe("handles of a rectangle", () => {
  it("each pulls its corner or side", () => {
    const chosen = () => boxes().choose("a");
    const se = chosen().pull([
      [60, 50],
      [80, 70],
    ]);
    expect(se.geometry("a")).toEqual({ ...BOX, width: 60, height: 50 });
    const n = chosen().pull([
      [40, 20],
      [90, 10],
    ]);
    expect(n.geometry("a")).toEqual({ ...BOX, y: 10, height: 40 });
    const w = chosen().pull([
      [20, 35],
      [30, 35],
    ]);
    expect(w.geometry("a")).toEqual({ ...BOX, x: 30, width: 30 });
  });

  it("Shift makes a square that stays on the picture", () => {
    const on = boxes()
      .choose("a")
      .pull(
        [
          [60, 50],
          [190, 60],
        ],
        { shift: true },
      );
    const made = on.geometry("a") as Rectangle;
    expect(made).toMatchObject({ x: 20, y: 20 });
    expect(made.width).toBe(made.height);
    expect(made.height).toBeCloseTo(80, 1);
  });

  it("a turned one keeps its opposite corner and stays on the picture", () => {
    const turned: Rectangle = { ...BOX, angle: 30 };
    const on = bench().lay("a", turned).choose("a");
    const handle = on.scene;
    expect(handle.selection).toEqual(["a"]);
    const corner: XY = [
      40 + 20 * Math.cos(Math.PI / 6) - 15 * Math.sin(Math.PI / 6),
      35 + 20 * Math.sin(Math.PI / 6) + 15 * Math.cos(Math.PI / 6),
    ];
    on.pull([corner, [400, 300]]);
    expect(edits(on)).toHaveLength(1);
    for (const geometry of on.made) expectSound(geometry, on.size);
  });

  it("a click beside the middle of a handle changes nothing", () => {
    const on = boxes().choose("a").click([63, 52]);
    expect(edits(on)).toEqual([]);
    expect(on.geometry("a")).toEqual(BOX);
    on.pull([
      [63, 52],
      [64, 52],
    ]);
    expect(edits(on)).toEqual([]);
  });

  it("never below a pixel", () => {
    const on = boxes()
      .choose("a")
      .pull([
        [60, 50],
        [20.4, 50],
      ]);
    expect(on.geometry("a")).toEqual(BOX);
  });

  it("Escape puts it back", () => {
    const on = boxes().choose("a").down([60, 50]).drag([90, 90]);
    expect(on.preview.changed.size).toBe(1);
    on.cancel().up([90, 90]);
    expect(on.geometry("a")).toEqual(BOX);
    expect(on.busy).toBe(false);
  });
});

describe("vertices of a polygon", () => {
  it("one is dragged, and then in hand", () => {
    const on = square().pull([
      [60, 60],
      [80, 70],
    ]);
    expect(on.geometry("p")).toEqual(ring([20, 20], [60, 20], [80, 70], [20, 60]));
    expect(on.preview.vertex).toMatchObject({ id: "p", vertex: { index: 2, at: [80, 70] } });
    expect(on.busy).toBe(true);
    expect(on.back().geometry("p")).toEqual(ring([20, 20], [60, 20], [20, 60]));
    expect(on.busy).toBe(false);
  });

  it("a click takes one in hand, Backspace deletes it, Escape lets it go", () => {
    const on = square().click([61, 61]);
    expect(edits(on)).toEqual([]);
    expect(on.preview.vertex).toMatchObject({ vertex: { index: 2, at: [60, 60] } });
    on.hover([100, 90]);
    expect(on.busy).toBe(true);
    expect(on.back().geometry("p")).toEqual(ring([20, 20], [60, 20], [20, 60]));
    const let_go = square().click([60, 60]).cancel();
    expect(let_go.busy).toBe(false);
    expect(edits(let_go.back())).toEqual([]);
  });

  it("Ctrl-click deletes one, but never below three", () => {
    const on = square().click([60, 60], { ctrl: true });
    expect(on.geometry("p")).toEqual(ring([20, 20], [60, 20], [20, 60]));
    on.click([60, 20], { ctrl: true });
    expect(edits(on)).toHaveLength(1);
    expect(on.said).toEqual(["A polygon needs at least three points; Delete removes it whole."]);
  });

  it("Ctrl-click on an edge puts one in, which is then in hand", () => {
    const on = square().click([40, 21], { ctrl: true });
    const more = ring([20, 20], [40, 20], [60, 20], [60, 60], [20, 60]);
    expect(on.geometry("p")).toEqual(more);
    expect(on.preview.vertex).toMatchObject({ vertex: { index: 1, at: [40, 20] } });
    expect(on.back().geometry("p")).toEqual(SQUARE);
    const last = square().click([20, 40], { ctrl: true });
    expect(last.geometry("p")).toEqual(ring([20, 20], [60, 20], [60, 60], [20, 60], [20, 40]));
  });

  it("goes back where edges would cross, and shows it before", () => {
    const on = square().down([60, 60]).drag([30, 5]);
    expect(on.preview.invalid).toBe(true);
    on.up([30, 5]);
    expect(edits(on)).toEqual([]);
    expect(on.said).toEqual(["Edges may not cross. The vertex went back to where it was."]);
    expect(on.busy).toBe(false);
  });

  it("is not deleted where the others would cross", () => {
    const shape = ring([20, 20], [50, 50], [80, 20], [90, 80], [50, 60], [10, 80]);
    const deep = ring([20, 20], [50, 90], [80, 20], [90, 80], [50, 95], [10, 80]);
    const on = bench().lay("p", shape).choose("p").click([50, 60], { ctrl: true });
    expect(edits(on)).toHaveLength(1);
    const stays = bench().lay("p", deep).choose("p").click([50, 95], { ctrl: true });
    expect(edits(stays)).toEqual([]);
    expect(stays.said[0]).toContain("The vertex has to stay.");
  });

  it("stays on the picture, and there in hand", () => {
    const on = square().pull([
      [60, 60],
      [500, 500],
    ]);
    expect(on.geometry("p")).toEqual(ring([20, 20], [60, 20], [200, 100], [20, 60]));
    expect(on.preview.vertex?.vertex.at).toEqual([200, 100]);
    expect(on.back().geometry("p")).toEqual(ring([20, 20], [60, 20], [20, 60]));
  });

  it("pulled out of the picture from its edge, makes no edit", () => {
    const at_edge = ring([0, 20], [60, 20], [60, 60]);
    const on = bench()
      .lay("p", at_edge)
      .choose("p")
      .pull([
        [0, 20],
        [-30, 20],
      ]);
    expect(edits(on)).toEqual([]);
  });

  it("in hand is let go when the shape was changed or left in the meantime", () => {
    const undone = square().pull([
      [60, 60],
      [80, 70],
    ]);
    undone.lay("p", SQUARE).back();
    expect(undone.geometry("p")).toEqual(SQUARE);
    const left = square().lay("a", OTHER).click([60, 60]).choose("a").back();
    expect(edits(left)).toEqual([]);
    const gone = square().click([60, 60]);
    gone.shapes.delete("p");
    expect(gone.back().effects).toEqual([]);
  });

  it("trembling on one moves nothing", () => {
    const on = square().pull([
      [60, 60],
      [61, 61],
    ]);
    expect(edits(on)).toEqual([]);
    expect(on.preview.vertex).not.toBeNull();
  });

  it("never makes a polygon smaller than a pixel", () => {
    const tiny = ring([50, 50], [52, 50], [50, 52]);
    const on = bench().lay("p", tiny).choose("p");
    on.slack = 0.3;
    on.pull([
      [50, 52],
      [50, 50.5],
    ]);
    expect(edits(on)).toEqual([]);
    expect(on.said[0]).toContain("at least one pixel");
  });

  it("a point is moved by its place, and not held as a vertex", () => {
    const on = bench().lay("x", { type: "point", x: 50, y: 50 }).choose("x").click([50, 50]);
    expect(on.busy).toBe(false);
    on.pull([
      [50, 50],
      [70, 60],
    ]);
    expect(on.geometry("x")).toEqual({ type: "point", x: 70, y: 60 });
    expect(on.busy).toBe(false);
  });

  it("of a line: the ends are no edge, and two points stay", () => {
    const line = {
      type: "polyline",
      points: [
        [20, 20],
        [60, 20],
        [60, 60],
      ],
    } as const;
    expect(edgeNear(line, [40, 40], 5)).toBeNull();
    expect(edgeNear(line, [40, 22], 5)).toMatchObject({ index: 1, at: [40, 20] });
    const on = bench().lay("l", line).choose("l");
    on.click([60, 60], { ctrl: true }).click([60, 20], { ctrl: true });
    expect(edits(on)).toHaveLength(1);
  });
});

describe("whatever the hand does", () => {
  const laid = (locked: string) => {
    const on = bench();
    const shapes = {
      a: BOX,
      b: { ...OTHER, angle: 40 },
      p: SQUARE,
      h: {
        type: "polygon",
        parts: [
          [
            [
              [120, 10],
              [190, 10],
              [190, 45],
              [120, 45],
            ],
            [
              [130, 20],
              [150, 20],
              [140, 40],
            ],
          ],
        ],
      } as Polygon,
    };
    for (const [id, shape] of Object.entries(shapes))
      on.lay(id, shape, id === locked ? "locked" : "editable");
    return on;
  };
  const id = fc.constantFrom("a", "b", "p", "h", "none");

  it("shapes stay sound, locked ones untouched, and a cancelled gesture has no effect", () => {
    const acts = fc.array(fc.tuple(act, fc.option(id)), {
      minLength: 1,
      maxLength: 30,
      size: "max",
    });
    fc.assert(
      fc.property(acts, id, (list, locked) => {
        const on = laid(locked);
        for (const [one, chosen] of list) {
          if (chosen && on.shapes.has(chosen)) on.choose(chosen);
          perform(on, one);
          void on.preview;
        }
        for (const geometry of on.made) expectSound(geometry, on.size);
        if (on.shapes.has(locked)) {
          expect(on.geometry(locked)).toEqual(laid(locked).geometry(locked));
        }
        const count = on.effects.length;
        on.cancel();
        expect(on.effects).toHaveLength(count);
        expect(on.busy).toBe(false);
        expect(on.preview.changed.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it("pulling at handles and vertices, too", () => {
    const grips: readonly [string, XY][] = [
      ["a", [60, 50]],
      ["a", [40, 20]],
      ["b", [110, 60]],
      ["p", [60, 60]],
      ["p", [20, 20]],
      ["h", [140, 40]],
      ["h", [190, 45]],
    ];
    const pull = fc.record({
      grip: fc.constantFrom(...grips),
      path: fc.array(place, { minLength: 1, maxLength: 4 }),
      shift: fc.boolean(),
      cancel: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(pull, { maxLength: 8, size: "max" }), (pulls) => {
        const on = laid("none");
        for (const { grip, path, shift, cancel } of pulls) {
          const before = new Map(on.shapes);
          on.choose(grip[0]).down(grip[1]);
          for (const at of path) {
            on.drag(at, { shift });
            for (const geometry of on.preview.changed.values())
              if (!on.preview.invalid && geometry.type === "rectangle")
                expectSound(geometry, on.size);
          }
          const last = path.at(-1) as XY;
          if (cancel) {
            on.cancel().up(last);
            expect(on.shapes).toEqual(before);
          } else on.up(last, { shift });
        }
        for (const geometry of on.made) expectSound(geometry, on.size);
      }),
      { numRuns: 200 },
    );
  });
});
