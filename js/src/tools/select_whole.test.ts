import { describe, expect, it } from "vitest";
import type {
  Cuboid,
  Ellipse,
  Geometry,
  Keypoints,
  Polygon,
  Rectangle,
  XY,
} from "../document/types.ts";
import { Bench } from "../testing/bench.ts";
import { select } from "./select.ts";

const bench = () => {
  const on = new Bench(select, { width: 400, height: 300 });
  on.slack = 4;
  return on;
};
const BOX: Rectangle = { type: "rectangle", x: 100, y: 100, width: 80, height: 40 };
const TRIANGLE: Polygon = {
  type: "polygon",
  parts: [
    [
      [
        [100, 100],
        [180, 100],
        [100, 140],
      ],
    ],
  ],
};

describe("turning", () => {
  // The handle hangs twelve pixels above the frame.
  it("a rectangle by the handle above it, in steps of 15 degrees with Shift", () => {
    const on = bench().lay("a", BOX).choose("a").down([140, 88]).drag([172, 120]);
    expect(on.preview.changed.get("a")).toEqual({ ...BOX, angle: 90 });
    expect(on.preview.guides[0]?.label).toBe("90°");
    expect(on.up([172, 120]).geometry("a")).toEqual({ ...BOX, angle: 90 });
    const snapped = bench().lay("a", BOX).choose("a").down([140, 88]);
    snapped.drag([150, 90], { shift: true }).up([150, 90], { shift: true });
    expect(snapped.geometry("a")).toEqual({ ...BOX, angle: 15 });
  });

  it("snaps to where the rectangle comes to lie, not by how much it turns", () => {
    const on = bench()
      .lay("a", { ...BOX, angle: 7 })
      .choose("a");
    const handle: XY = [
      140 + 32 * Math.sin((7 * Math.PI) / 180),
      120 - 32 * Math.cos((7 * Math.PI) / 180),
    ];
    on.down(handle).drag([150, 90], { shift: true }).up([150, 90], { shift: true });
    expect((on.geometry("a") as Rectangle).angle).toBe(15);
  });

  it("a polygon about the middle of its box, off whose vertices the frame lies", () => {
    const on = bench().lay("p", TRIANGLE).choose("p").down([140, 80]).drag([180, 120]);
    on.up([180, 120]);
    expect(on.geometry("p")).toEqual({
      type: "polygon",
      parts: [
        [
          [
            [160, 80],
            [160, 160],
            [120, 80],
          ],
        ],
      ],
    });
  });

  it("several together, locked ones and masks left out", () => {
    const point: Geometry = { type: "point", x: 200, y: 120 };
    const on = bench()
      .lay("a", BOX)
      .lay("b", point)
      .lay("c", point, "locked")
      .choose("a", "b", "c");
    on.down([150, 80]).drag([190, 120]).up([190, 120]);
    expect(on.geometry("a")).toEqual({ ...BOX, x: 110, y: 90, angle: 90 });
    expect(on.geometry("b")).toEqual({ type: "point", x: 150, y: 170 });
    expect(on.geometry("c")).toEqual(point);
    expect(on.effects.filter((one) => one.type === "update")).toHaveLength(1);
  });

  it("says so where there is no room", () => {
    const long: Rectangle = { type: "rectangle", x: 10, y: 140, width: 380, height: 20 };
    const on = bench()
      .lay("a", long)
      .choose("a")
      .pull([
        [200, 128],
        [222, 150],
      ]);
    expect(on.geometry("a")).toEqual(long);
    expect(on.said[0]).toContain("no room");
  });
});

describe("scaling", () => {
  const pulled = (path: readonly XY[], keys = {}) =>
    bench().lay("p", TRIANGLE).choose("p").pull(path, keys).geometry("p") as Polygon;

  it("by a corner of the frame, the opposite one stays", () => {
    const path: XY[] = [
      [188, 148],
      [228, 168],
    ];
    expect(pulled(path).parts[0]?.[0]).toEqual([
      [100, 100],
      [220, 100],
      [100, 160],
    ]);
  });

  it("keeps proportions with Shift, and the centre with Alt", () => {
    const path: XY[] = [
      [188, 120],
      [228, 120],
    ];
    expect(pulled(path).parts[0]?.[0]?.[1]).toEqual([220, 100]);
    expect(pulled(path, { shift: true }).parts[0]?.[0]).toEqual([
      [100, 90],
      [220, 90],
      [100, 150],
    ]);
    expect(pulled(path, { alt: true }).parts[0]?.[0]).toEqual([
      [60, 100],
      [220, 100],
      [60, 140],
    ]);
  });

  it("an ellipse by the ends of its axes, about its centre with Alt", () => {
    const shape: Ellipse = { type: "ellipse", x: 100, y: 100, rx: 40, ry: 20 };
    const on = (keys = {}) =>
      bench()
        .lay("e", shape)
        .choose("e")
        .pull(
          [
            [140, 100],
            [160, 100],
          ],
          keys,
        )
        .geometry("e");
    expect(on()).toEqual({ ...shape, x: 110, rx: 50 });
    expect(on({ alt: true })).toEqual({ ...shape, rx: 60 });
  });

  it("what would be no polygon any more is refused", () => {
    const sliver: Polygon = {
      type: "polygon",
      parts: [
        [
          [
            [100, 100],
            [200, 100],
            [150, 101.5],
          ],
        ],
      ],
    };
    const on = bench()
      .lay("p", sliver)
      .choose("p")
      .pull([
        [208, 100.75],
        [101, 100.75],
      ]);
    expect(on.geometry("p")).toEqual(sliver);
    expect(on.said).toHaveLength(1);
  });
});

describe("a cuboid", () => {
  const shape: Cuboid = {
    type: "cuboid",
    points: [
      [100, 100],
      [140, 100],
      [140, 130],
      [100, 130],
      [120, 80],
      [160, 80],
      [160, 110],
      [120, 110],
    ],
  };
  const pulled = (path: readonly XY[], keys = {}) =>
    bench().lay("c", shape).choose("c").pull(path, keys).geometry("c") as Cuboid;

  it("stays one when a front corner is dragged, unless Alt lets it go alone", () => {
    const path: XY[] = [
      [140, 130],
      [180, 160],
    ];
    const made = pulled(path);
    expect(made.points[2]).toEqual([180, 160]);
    expect(made.points[6]).toEqual([200, 140]);
    expect(made.points[0]).toEqual([100, 100]);
    const alone = pulled(path, { alt: true });
    expect(alone.points).toEqual(shape.points.map((at, i) => (i === 2 ? [180, 160] : at)));
  });

  it("gets another depth by a corner of the back", () => {
    const made = pulled([
      [160, 80],
      [170, 60],
    ]);
    expect(made.points.slice(0, 4)).toEqual(shape.points.slice(0, 4));
    expect(made.points[4]).toEqual([130, 60]);
  });
});

describe("a skeleton", () => {
  const shape: Keypoints = {
    type: "keypoints",
    points: [
      [100, 100, 2],
      [150, 150, 1],
      [0, 0, 0],
    ],
  };
  const on = () => bench().lay("k", shape).choose("k");
  const visibility = (of: Bench<unknown>) =>
    (of.geometry("k") as Keypoints).points.map(([, , v]) => v);

  it("has the visibility of the joint in hand stepped on by a key", () => {
    const held = on().click([100, 100]);
    expect(held.busy).toBe(true);
    const seen = [1, 2, 3].map(() => visibility(held.command("hand.occlude"))[0]);
    expect(seen).toEqual([1, 0, 2]);
    expect(held.geometry("k")).toEqual(shape);
    expect(on().command("hand.occlude").said).toHaveLength(1);
  });

  it("loses a joint by Ctrl-click or Backspace, and gets it back by Ctrl-click", () => {
    const without = on().click([100, 100]).back();
    expect(visibility(without)).toEqual([0, 1, 0]);
    expect(visibility(on().click([100, 100], { ctrl: true }))).toEqual([0, 1, 0]);
    const placed = on().click([200, 120], { ctrl: true });
    expect((placed.geometry("k") as Keypoints).points[2]).toEqual([200, 120, 2]);
    const last = without.click([150, 150], { ctrl: true });
    expect(visibility(last)).toEqual([0, 1, 0]);
    expect(last.said).toHaveLength(1);
  });

  it("is not grabbed where it has no joint", () => {
    expect(
      on()
        .pull([
          [0, 0],
          [20, 20],
        ])
        .geometry("k"),
    ).toEqual(shape);
  });
});

describe("what came in from elsewhere", () => {
  it("can be selected, moved in and deleted where it lies outside or has no extent", () => {
    const out: Rectangle = { type: "rectangle", x: -80, y: 20, width: 40, height: 40 };
    const line: Geometry = {
      type: "polyline",
      points: [
        [50, 50],
        [50, 50],
      ],
    };
    const on = bench().lay("o", out).lay("l", line).click([-60, 40]);
    expect(on.selection).toEqual(["o"]);
    on.pull([
      [-60, 40],
      [60, 40],
    ]);
    expect(on.geometry("o")).toEqual({ ...out, x: 40 });
    expect(on.click([51, 51]).selection).toEqual(["l"]);
  });

  it("of a million points does not hold the hand up", () => {
    const count = 1_000_000;
    const ring = Array.from({ length: count }, (_, i): XY => {
      const angle = (2 * Math.PI * i) / count;
      return [200 + 100 * Math.cos(angle), 150 + 100 * Math.sin(angle)];
    });
    const on = bench().lay("p", { type: "polygon", parts: [[ring]] });
    on.click([200, 150]);
    expect(on.selection).toEqual(["p"]);
    // A press beside it looks at all vertices and lines once, and makes nothing of them.
    on.down([20, 20]).drag([30, 30]).up([30, 30]);
    expect(on.selection).toEqual([]);
  });
});
