import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Geometry, Part, Polygon, Polyline, Ring, XY } from "../document/types.ts";
import { area } from "../geometry/area.ts";
import { isSimple } from "../geometry/simple.ts";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform } from "../testing/hands.ts";
import { freehand } from "./freehand.ts";
import { polygon } from "./polygon.ts";
import { polyline } from "./polyline.ts";
import { sculptor } from "./sculptor.ts";
import { select } from "./select.ts";
import { type Shaping, shaping } from "./shaping.ts";
import { split } from "./split.ts";
import type { Effect } from "./tool.ts";

const box = (x: number, y: number, width: number, height: number): Ring => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];
const shape = (...parts: Part[]): Polygon => ({ type: "polygon", parts });
const square = shape([box(20, 20, 60, 60)]);
const circle = (x: number, y: number, radius: number): XY[] =>
  Array.from({ length: 40 }, (_, i) => [
    x + radius * Math.cos((i * Math.PI) / 20),
    y + radius * Math.sin((i * Math.PI) / 20),
  ]);

describe("outlines for a selected polygon", () => {
  const outlined = (keys: object, selected: string[]) => {
    const bench = new Bench(polygon).lay("a", square).choose(...selected);
    const [first, ...others] = box(40, 40, 60, 20) as [XY, ...XY[]];
    bench.click(first, keys);
    for (const at of others) bench.click(at);
    return bench.click(first);
  };

  it("Alt takes away, Shift adds, neither makes an object", () => {
    expect(area(outlined({ alt: true }, ["a"]).geometry("a") as Polygon)).toBe(3600 - 800);
    expect(area(outlined({ shift: true }, ["a"]).geometry("a") as Polygon)).toBe(3600 + 400);
    expect(outlined({}, ["a"]).effects).toMatchObject([{ type: "create" }]);
  });

  it("Alt inside makes a hole, by hand as by clicks", () => {
    const bench = new Bench(freehand).lay("a", square).choose("a");
    bench.down([60, 50], { alt: true });
    for (const at of circle(50, 50, 10)) bench.drag(at, { alt: true });
    bench.up([60, 50], { alt: true });
    const made = bench.geometry("a") as Polygon;
    expect(made.parts[0]).toHaveLength(2);
    expect(area(made)).toBeCloseTo(3600 - Math.PI * 100, -2);
  });

  it("says what is missing, and leaves locked polygons alone", () => {
    expect(outlined({ alt: true }, []).said).toEqual([
      "Select the polygon first that this is for.",
    ]);
    const locked = new Bench(polygon).lay("a", square, "locked").choose("a");
    for (const at of [...box(40, 40, 10, 10), [40, 40] as XY]) locked.click(at, { alt: true });
    expect(locked.geometry("a")).toEqual(square);
  });
});

describe("snapping and tracing", () => {
  const other = shape([box(100, 10, 40, 40)]);
  const snapping = () => {
    const bench = new Bench(polygon).lay("b", other);
    bench.settings = { snap: true };
    return bench;
  };

  it("draws a point to the nearest vertex, else edge, else the picture's border, and shows it", () => {
    const bench = snapping().hover([103, 13]);
    expect(bench.preview.guides).toHaveLength(1);
    expect(bench.click([103, 13]).state.points).toEqual([[100, 10]]);
    expect(bench.click([98, 30]).state.points.at(-1)).toEqual([100, 30]);
    expect(bench.click([60, 3]).state.points.at(-1)).toEqual([60, 0]);
    const off = new Bench(polygon).lay("b", other).click([103, 13]);
    expect(off.state.points).toEqual([[103, 13]]);
  });

  it("goes along the border between two points of it, the shorter way, then the longer one", () => {
    const trace = { type: "command", name: "hand.trace" } as const;
    const bench = snapping().click([100, 10]).hover([100, 50]);
    bench.handle(trace);
    expect(bench.preview.draft).toMatchObject({ type: "polyline" });
    bench.handle(trace);
    expect(bench.preview.draft).toMatchObject({
      parts: [
        [
          [
            [100, 10],
            [140, 10],
            [140, 50],
            [100, 50],
          ],
        ],
      ],
    });
    bench.click([100, 50]);
    expect(bench.state.points).toHaveLength(4);
    expect(bench.back().state.points).toEqual([[100, 10]]);
    bench.click([140, 50], { alt: true });
    expect(bench.state.points).toHaveLength(3);
  });

  it("says what tracing needs where there is nothing to trace, and its key turns snapping on", () => {
    const bench = new Bench(polygon).click([10, 10]).hover([50, 50]);
    bench.handle({ type: "command", name: "hand.trace" });
    expect(bench.said[0]).toContain("same polygon");
    bench.handle({ type: "command", name: "hand.snap" });
    expect(bench.effects).toContainEqual({ type: "set", name: "snap", value: true });
  });
});

describe("snapping of lines and of vertices in hand", () => {
  const other = shape([box(100, 10, 40, 40)]);
  const mine = shape([box(20, 10, 40, 40)]);
  const line: Polyline = {
    type: "polyline",
    points: [
      [20, 80],
      [60, 80],
    ],
  };

  it("draws the points of a polyline to what is near, shows it, and has the key", () => {
    const bench = new Bench(polyline).lay("b", other);
    bench.settings = { snap: true };
    expect(bench.hover([103, 13]).preview.guides).toHaveLength(1);
    bench.click([103, 13]).click([98, 30]).hover([60, 3]);
    expect(bench.state.points).toEqual([
      [100, 10],
      [100, 30],
    ]);
    expect(bench.preview.draft).toMatchObject({
      points: [
        [100, 10],
        [100, 30],
        [60, 0],
      ],
    });
    expect(new Bench(polyline).lay("b", other).click([103, 13]).state.points).toEqual([[103, 13]]);
    bench.handle({ type: "command", name: "hand.snap" });
    expect(bench.effects).toContainEqual({ type: "set", name: "snap", value: false });
  });

  it("draws a dragged vertex to other shapes and to the border, never to its own shape", () => {
    for (const geometry of [mine, line]) {
      const at = geometry === mine ? ([60, 10] as XY) : ([60, 80] as XY);
      const held = () => {
        const bench = new Bench(select).lay("a", geometry).lay("b", other).choose("a");
        bench.settings = { snap: true };
        return bench.down(at);
      };
      const bench = held().drag([97, 13]);
      expect(bench.preview.guides).toHaveLength(1);
      bench.up([97, 13]);
      expect(JSON.stringify(bench.geometry("a"))).toContain("[100,10]");
      const border = held().drag([80, 4]).up([80, 4]);
      expect(JSON.stringify(border.geometry("a"))).toContain("[80,0]");
      const own = held()
        .drag([62, at[1] + 4])
        .up([62, at[1] + 4]);
      expect(JSON.stringify(own.geometry("a"))).toContain(`[62,${at[1] + 4}]`);
    }
  });

  it("leaves vertices where the hand lets go while it is off, and its key turns it on", () => {
    const bench = new Bench(select).lay("a", mine).lay("b", other).choose("a");
    bench.down([60, 10]).drag([97, 13]).up([97, 13]);
    expect(JSON.stringify(bench.geometry("a"))).toContain("[97,13]");
    bench.handle({ type: "command", name: "hand.snap" });
    expect(bench.effects).toContainEqual({ type: "set", name: "snap", value: true });
  });

  it("does not draw a shared vertex back to the polygon that it moves with", () => {
    const beside = shape([box(60, 10, 40, 40)]);
    const bench = new Bench(select).lay("a", mine).lay("b", beside).choose("a");
    bench.settings = { snap: true, shared: true };
    bench.down([60, 50]).drag([57, 47]).up([57, 47]);
    expect(JSON.stringify(bench.geometry("a"))).toContain("[57,47]");
    expect(JSON.stringify(bench.geometry("b"))).toContain("[57,47]");
  });
});

describe("freehand", () => {
  it("closes itself, thinned, and mends a line that crosses itself", () => {
    const bench = new Bench(freehand);
    bench.target = { name: "tree", color: "#00ff00", tool: "polygon" };
    bench.pull(circle(50, 50, 30));
    expectSound(bench.made[0] as Geometry, bench.size);
    expect(area(bench.made[0] as Polygon)).toBeCloseTo(Math.PI * 900, -2);
    bench.pull([
      [10, 10],
      [90, 90],
      [90, 10],
      [30, 90],
    ]);
    expectSound(bench.made[1] as Geometry, bench.size);
    expect(bench.said[0]).toContain("crossed itself");
  });

  it("draws an open line for a class of lines", () => {
    const bench = new Bench(freehand);
    bench.target = { name: "road", color: "#00ff00", tool: "polyline" };
    bench.pull([
      [10, 10],
      [50, 50],
      [90, 10],
    ]);
    expect(bench.made[0]).toMatchObject({ type: "polyline", points: { length: 3 } });
  });

  it("whatever the hand does, what it makes is sound", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        const bench = new Bench(freehand).lay("a", square).choose("a");
        bench.target = { name: "tree", color: "#00ff00", tool: "polygon" };
        for (const one of acts) perform(bench, one);
        for (const made of bench.made) expectSound(made, bench.size);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

describe("the sculptor in hand", () => {
  it("pushes the selected polygon in one gesture, and Escape takes it back", () => {
    const bench = new Bench(sculptor).lay("a", square).choose("a").hover([74, 50]);
    expect(bench.preview.tip).toMatchObject({ radius: 6 });
    bench.down([74, 50]).drag([84, 50]);
    expect(bench.preview.changed.has("a")).toBe(true);
    expect(bench.geometry("a")).toEqual(square);
    bench.up([84, 50]);
    expect(bench.made).toHaveLength(1);
    expect(area(bench.geometry("a") as Polygon)).toBeGreaterThan(3600);
    bench.down([74, 50]).drag([90, 50]).cancel().up([90, 50]);
    expect(bench.made).toHaveLength(1);
  });

  it("picks a polygon where none is selected, and no locked one", () => {
    const bench = new Bench(sculptor)
      .lay("a", square)
      .lay("b", shape([box(100, 20, 60, 60)]), "locked");
    bench.down([50, 50]);
    expect(bench.selection).toEqual(["a"]);
    bench
      .up([50, 50])
      .choose("b")
      .pull([
        [102, 50],
        [90, 50],
      ]);
    expect(bench.geometry("b")).toEqual(shape([box(100, 20, 60, 60)]));
  });

  it("whatever the hand does, the polygon stays sound", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        const bench = new Bench(sculptor).lay("a", square).choose("a");
        for (const one of acts) perform(bench, one);
        expectSound(bench.geometry("a"), bench.size);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

describe("split in hand", () => {
  it("splits by a drag and by clicks, the others of the same class", () => {
    const drag = new Bench(split).lay("a", square).pull([
      [40, 0],
      [40, 100],
    ]);
    expect(drag.effects).toMatchObject([{ type: "change", create: [{ className: "car" }] }]);
    const clicks = new Bench(split).lay("a", square).click([40, 0]).click([40, 99]).finish();
    expect(clicks.effects).toMatchObject([{ type: "change", update: [["a", {}]] }]);
  });

  it("splits only what is selected where something is, and says when nothing is cut", () => {
    const bench = new Bench(split).lay("a", square).lay("b", shape([box(100, 20, 60, 60)]));
    bench.choose("b").pull([
      [0, 50],
      [190, 50],
    ]);
    expect(bench.effects).toMatchObject([{ type: "change", update: [["b", {}]] }]);
    expect(
      new Bench(split).pull([
        [0, 0],
        [50, 50],
      ]).said,
    ).toEqual(["The line crosses no polygon."]);
  });
});

describe("the selected shapes at once", () => {
  const bench = () =>
    new Bench(select)
      .lay("a", square)
      .lay("b", shape([box(80, 20, 40, 60)]))
      .lay("c", shape([box(40, 40, 60, 10)]));
  const doing = (what: Shaping, ...ids: string[]): readonly Effect[] =>
    shaping(what, bench().choose(...ids).scene, 1);
  const areaOf = (effects: readonly Effect[]) => {
    const change = effects.find((one) => one.type === "change");
    const made = change?.type === "change" ? change.update?.[0]?.[1] : undefined;
    return made?.type === "polygon" ? area(made) : null;
  };

  it("unites, subtracts, intersects and joins into the first, and takes the others away", () => {
    expect(areaOf(doing("unite", "a", "b"))).toBe(6000);
    expect(doing("unite", "a", "b")).toMatchObject([
      { type: "select", ids: ["a"] },
      { type: "change", remove: ["b"] },
    ]);
    expect(areaOf(doing("subtract", "a", "c"))).toBe(3600 - 400);
    expect(areaOf(doing("intersect", "a", "c"))).toBe(400);
    expect(areaOf(doing("join", "a", "b"))).toBe(6000);
  });

  it("fills holes, detaches parts, simplifies, and says why not", () => {
    const frame = shape([box(20, 20, 60, 60), box(40, 40, 10, 10)], [box(100, 20, 20, 20)]);
    const held = new Bench(select).lay("a", frame).choose("a").scene;
    expect(areaOf(shaping("fill", held, 1))).toBe(4000);
    expect(shaping("detach", held, 1)).toMatchObject([
      { type: "change", create: [{ className: "car" }] },
    ]);
    const many = new Bench(select).lay("a", shape([circle(50, 50, 20)])).choose("a").scene;
    expect(shaping("simplify", many, 1)).toMatchObject([{ type: "change" }, { type: "say" }]);
    for (const what of ["unite", "fill", "detach", "simplify"] as const)
      expect(doing(what, "a")).toMatchObject([{ type: "say" }]);
  });

  it("joins lines end to end", () => {
    const line = (...points: XY[]): Polyline => ({ type: "polyline", points });
    const held = new Bench(select)
      .lay("a", line([0, 0], [10, 0]))
      .lay("b", line([30, 0], [10, 0]))
      .choose("a", "b").scene;
    expect(shaping("join", held, 1)[1]).toMatchObject({
      update: [["a", line([0, 0], [10, 0], [30, 0])]],
      remove: ["b"],
    });
  });

  it("neither throws nor hangs on broken polygons", () => {
    const bow = shape(
      [box(0, 0, 10, 10)],
      [
        [
          [0, 0],
          [40, 40],
          [40, 0],
          [0, 40],
        ],
      ],
    );
    const flat = shape([
      [
        [0, 0],
        [10, 10],
        [20, 20],
      ],
    ]);
    const many = shape([Array.from({ length: 1_000_000 }, (_, i): XY => [i % 1000, i / 1000])]);
    for (const what of ["unite", "subtract", "intersect", "join", "fill", "detach"] as const) {
      for (const odd of [bow, flat, many]) {
        const held = new Bench(select).lay("a", square).lay("b", odd).choose("a", "b").scene;
        for (const effect of shaping(what, held, 1)) {
          const [, made] = (effect.type === "change" && effect.update?.[0]) || [];
          if (made?.type === "polygon") expect(isSimple(made)).toBe(true);
        }
      }
    }
  }, 30_000);
});

describe("shared borders in hand", () => {
  const cells = () => {
    const bench = new Bench(select)
      .lay("a", shape([box(20, 20, 40, 40)]))
      .lay("b", shape([box(60, 20, 40, 40)]))
      .choose("a");
    bench.settings = { shared: true };
    return bench;
  };

  it("move, get and lose a vertex together in one gesture", () => {
    const bench = cells().pull([
      [60, 60],
      [66, 70],
    ]);
    expect(bench.effects).toHaveLength(1);
    expect((bench.geometry("a") as Polygon).parts[0]?.[0]).toContainEqual([66, 70]);
    expect((bench.geometry("b") as Polygon).parts[0]?.[0]).toContainEqual([66, 70]);
    bench.click([60, 20 + 20], { ctrl: true });
    const corners = (id: string) => (bench.geometry(id) as Polygon).parts[0]?.[0]?.length;
    expect([corners("a"), corners("b")]).toEqual([5, 5]);
    bench.back();
    expect([corners("a"), corners("b")]).toEqual([4, 4]);
  });

  it("stay where a locked object has them, and one by one where the option is off", () => {
    const locked = cells().lay("b", shape([box(60, 20, 40, 40)]), "locked");
    locked.pull([
      [60, 60],
      [66, 70],
    ]);
    expect(locked.said[0]).toContain("locked");
    const alone = cells();
    alone.settings = { shared: false };
    alone.pull([
      [60, 60],
      [66, 70],
    ]);
    expect(alone.geometry("b")).toEqual(shape([box(60, 20, 40, 40)]));
  });
});
