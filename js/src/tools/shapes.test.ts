import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cuboid, Keypoints, Rectangle, XY } from "../document/types.ts";
import { corners } from "../geometry/outline.ts";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform } from "../testing/hands.ts";
import { cuboid } from "./cuboid.ts";
import { ellipse } from "./ellipse.ts";
import { keypoints } from "./keypoints.ts";
import { point } from "./point.ts";
import { polyline } from "./polyline.ts";
import { rectangle } from "./rectangle.ts";

describe("ellipse", () => {
  const bench = () => new Bench(ellipse);

  it("fills the box that is dragged or clicked", () => {
    const wanted = { type: "ellipse", x: 30, y: 20, rx: 20, ry: 10 };
    const path: XY[] = [
      [10, 10],
      [50, 30],
    ];
    expect(bench().pull(path).made).toEqual([wanted]);
    expect(bench().click([50, 30]).hover([20, 20]).click([10, 10]).made).toEqual([wanted]);
  });

  it("is a circle with Shift, about its centre with Alt, and stays on the picture", () => {
    const path: XY[] = [
      [50, 20],
      [60, 25],
    ];
    expect(bench().pull(path, { shift: true }).made).toEqual([
      { type: "ellipse", x: 55, y: 25, rx: 5, ry: 5 },
    ]);
    expect(bench().pull(path, { alt: true }).made).toEqual([
      { type: "ellipse", x: 50, y: 20, rx: 10, ry: 5 },
    ]);
    const far: XY[] = [
      [50, 20],
      [150, 500],
    ];
    expect(bench().pull(far, { alt: true, shift: true }).made).toEqual([
      { type: "ellipse", x: 50, y: 20, rx: 20, ry: 20 },
    ]);
  });

  it("too small is refused, Escape throws it away", () => {
    expect(bench().click([10, 10]).click([10, 40]).said).toHaveLength(1);
    const on = bench().down([10, 10]).drag([50, 50]).cancel();
    expect(on.busy).toBe(false);
    expect(on.up([50, 50]).made).toEqual([]);
  });
});

describe("turned rectangle", () => {
  const bench = () => new Bench(rectangle).set("rotated", true);

  it("has the first two clicks as a side, and the third gives its height", () => {
    const on = bench().click([40, 40]).hover([70, 60]).click([60, 60]);
    expect(on.preview.points).toEqual([
      [40, 40],
      [60, 60],
    ]);
    const [made] = on.hover([50, 70]).click([40, 60]).made as Rectangle[];
    expect(made?.angle).toBe(45);
    expect(made?.width).toBeCloseTo(28.28);
    expect(made?.height).toBeCloseTo(14.14);
    const places = made ? corners(made) : [];
    for (const [x, y] of [
      [40, 40],
      [60, 60],
      [50, 70],
      [30, 50],
    ] as const)
      expect(places.some((at) => Math.hypot(at[0] - x, at[1] - y) < 0.02)).toBe(true);
  });

  it("takes a dragged side too, in steps of 15 degrees with Shift", () => {
    const on = bench().down([40, 40]).drag([80, 51], { shift: true });
    const [made] = on.up([80, 51], { shift: true }).click([50, 80]).made as Rectangle[];
    expect(made?.angle).toBe(15);
  });

  it("Backspace takes the side back, Escape all of it", () => {
    const on = bench().click([40, 40]).click([60, 60]).back();
    expect(on.preview.points).toEqual([[40, 40]]);
    expect(on.cancel().busy).toBe(false);
    expect(on.made).toEqual([]);
  });
});

describe("polyline", () => {
  const bench = () => new Bench(polyline);
  const line = () => bench().click([10, 10]).click([50, 10]).click([20, 40]).click([40, 5]);

  it("may cross itself, and is finished by Enter or a double click", () => {
    const points: XY[] = [
      [10, 10],
      [50, 10],
      [20, 40],
      [40, 5],
    ];
    expect(line().finish().made).toEqual([{ type: "polyline", points }]);
    const doubled = line().double([90, 90]);
    expect(doubled.made).toEqual([{ type: "polyline", points: [...points, [90, 90]] }]);
  });

  it("gives points back one by one, and wants two", () => {
    const on = line().back().back().back();
    expect(on.preview.points).toEqual([[10, 10]]);
    expect(on.finish().said).toHaveLength(1);
    expect(on.made).toEqual([]);
    expect(on.back().busy).toBe(false);
  });
});

describe("point", () => {
  it("lies where the hand lets go", () => {
    const on = new Bench(point).down([10, 10]).drag([20, 12]);
    expect(on.preview.draft).toEqual({ type: "point", x: 20, y: 12 });
    expect(on.up([300, 12.345]).made).toEqual([{ type: "point", x: 200, y: 12.35 }]);
    expect(new Bench(point).down([10, 10]).cancel().up([10, 10]).made).toEqual([]);
  });
});

describe("keypoints", () => {
  const skeleton = { joints: ["nose", "neck", "hip"], edges: [[0, 1]] as const };
  const bench = (positions?: XY[]) => {
    const on = new Bench(keypoints);
    on.target = {
      ...{ name: "person", color: "#00ff00", tool: "keypoints" },
      skeleton: { ...skeleton, ...(positions ? { positions } : {}) },
    };
    return on;
  };
  const says = (on: Bench<never>) => keypoints.says?.(on.state, on.scene);

  it("are placed joint after joint, done with the last one", () => {
    const on = bench().click([10, 10]);
    expect(on.made).toEqual([]);
    expect(says(on as never)).toContain("neck (2 of 3)");
    on.click([20, 20], { shift: true }).click([30, 30]);
    expect(on.made).toEqual([
      {
        type: "keypoints",
        points: [
          [10, 10, 2],
          [20, 20, 1],
          [30, 30, 2],
        ],
      },
    ]);
    expect(on.busy).toBe(false);
  });

  it("may be hidden or left out by keys, and the rest is absent with Enter", () => {
    const on = bench().command("hand.skip").command("hand.occlude");
    expect(says(on as never)).toContain("hidden");
    expect(on.click([20, 20]).finish().made).toEqual([
      {
        type: "keypoints",
        points: [
          [0, 0, 0],
          [20, 20, 1],
          [0, 0, 0],
        ],
      },
    ]);
  });

  it("with no joint at all are nothing", () => {
    const on = bench().command("hand.skip").command("hand.skip").command("hand.skip");
    expect(on.made).toEqual([]);
    expect(on.said).toHaveLength(1);
    expect(on.busy).toBe(false);
  });

  it("Backspace takes the last joint back; a double click places one", () => {
    const on = bench().double([10, 10]).back();
    expect(on.busy).toBe(false);
    on.double([10, 10]).click([20, 20]).click([30, 30]);
    expect((on.made[0] as Keypoints).points[0]).toEqual([10, 10, 2]);
  });

  it("follow the template into a box that is dragged; a click still places the first", () => {
    const positions: XY[] = [
      [0.5, 0],
      [0.5, 0.5],
      [1, 1],
    ];
    const path: XY[] = [
      [10, 20],
      [50, 80],
    ];
    const on = bench(positions).down([10, 20]).drag([50, 80]);
    expect(on.preview.draft?.type).toBe("keypoints");
    expect(on.up([50, 80]).made).toEqual(bench(positions).pull(path).made);
    expect((on.made[0] as Keypoints).points).toEqual([
      [10, 20, 2],
      [10, 50, 2],
      [50, 80, 2],
    ]);
    const clicked = bench(positions).click([5, 5]).click([6, 20]).click([7, 30]);
    expect((clicked.made[0] as Keypoints).points).toEqual([
      [5, 5, 2],
      [6, 20, 2],
      [7, 30, 2],
    ]);
  });
});

describe("cuboid", () => {
  const bench = () => new Bench(cuboid);
  const front: XY[] = [
    [20, 20],
    [60, 50],
  ];

  it("has its front dragged, then its depth clicked", () => {
    const on = bench().pull(front);
    expect(on.made).toEqual([]);
    expect(on.hover([80, 40]).preview.draft?.type).toBe("cuboid");
    const [made] = on.click([80, 40]).made as Cuboid[];
    expect(made?.points).toEqual([
      [20, 20],
      [60, 20],
      [60, 50],
      [20, 50],
      [40, 10],
      [80, 10],
      [80, 40],
      [40, 40],
    ]);
  });

  it("stays on the picture with its back, and wants some depth", () => {
    const on = bench().pull(front).click([60, 50]);
    expect(on.said).toHaveLength(1);
    expect(on.busy).toBe(true);
    const [made] = on.click([500, -500]).made as Cuboid[];
    expect(made?.points[4]).toEqual([160, 0]);
  });

  it("Backspace goes back to the start", () => {
    expect(bench().pull(front).back().busy).toBe(false);
  });
});

describe("whatever the hand does", () => {
  const all = { rectangle, ellipse, polyline, point, keypoints, cuboid };
  it.each(Object.entries(all))("%s makes sound shapes, and Escape ends it", (_, tool) => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), fc.boolean(), (acts, rotated) => {
        const on = new Bench<never>(tool as never);
        on.settings = { rotated };
        on.target = {
          ...on.target,
          skeleton: {
            joints: ["a", "b"],
            positions: [
              [0, 0],
              [1, 1],
            ],
          },
        };
        for (const one of acts) {
          perform(on, one);
          void on.preview;
        }
        for (const geometry of on.made) {
          expectSound(geometry, on.size);
          expect(geometry.type).toBe(tool.name);
        }
        expect(on.cancel().busy).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
