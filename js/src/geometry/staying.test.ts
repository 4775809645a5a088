import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ellipse, Geometry, Rectangle, XY } from "../document/types.ts";
import { bounds } from "./bounds.ts";
import { union } from "./box.ts";
import { frameHandles, frameOf } from "./frame.ts";
import { resizeAboutCentre, scaleOnImage, turnOnImage } from "./staying.ts";

const SIZE = { width: 200, height: 100 };
const inside = fc
  .record({
    type: fc.constant("rectangle" as const),
    x: fc.integer({ min: 0, max: 150 }),
    y: fc.integer({ min: 0, max: 60 }),
    width: fc.integer({ min: 2, max: 50 }),
    height: fc.integer({ min: 2, max: 40 }),
  })
  .map((one): Geometry => one);
const line = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100 })), {
    minLength: 2,
    maxLength: 5,
  })
  .map((points): Geometry => ({ type: "polyline", points }));
const shapes = fc.array(fc.oneof(inside, line), { minLength: 1, maxLength: 3 });
const place = fc.tuple(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 100 }),
) as fc.Arbitrary<XY>;

function sticksOut(all: readonly Geometry[]): number {
  const box = union(all.map(bounds));
  if (!box) return 0;
  return Math.max(-box.minX, -box.minY, box.maxX - SIZE.width, box.maxY - SIZE.height, 0);
}

describe("on the picture stay", () => {
  it("shapes that are turned, about any centre", () => {
    fc.assert(
      fc.property(shapes, place, fc.integer({ min: -180, max: 180 }), (all, centre, degrees) => {
        const made = turnOnImage(all, centre, degrees, SIZE);
        if (made) expect(sticksOut(made)).toBeLessThan(0.05);
      }),
      { numRuns: 500 },
    );
  });

  it("shapes that are scaled, from any anchor and by any factors", () => {
    const factor = fc.double({ min: 0.01, max: 20, noNaN: true });
    fc.assert(
      fc.property(shapes, place, factor, factor, (all, anchor, sx, sy) => {
        expect(sticksOut(scaleOnImage(all, anchor, [sx, sy], SIZE))).toBeLessThan(0.05);
      }),
      { numRuns: 500 },
    );
  });
});

describe("turning", () => {
  const tall: Rectangle = { type: "rectangle", x: 0, y: 0, width: 20, height: 80 };

  it("slides in from the edge what would stick out", () => {
    expect(turnOnImage([tall], [10, 40], 90, SIZE)).toEqual([
      { type: "rectangle", x: 30, y: 0, width: 20, height: 80, angle: 90 },
    ]);
  });

  it("gives up where there is no room", () => {
    const long: Rectangle = { type: "rectangle", x: 0, y: 0, width: 150, height: 20 };
    expect(turnOnImage([long], [75, 10], 90, SIZE)).toBeNull();
  });

  it("does not move in what was out already", () => {
    const out: Rectangle = { type: "rectangle", x: -50, y: 20, width: 40, height: 40 };
    expect(turnOnImage([out], [-30, 40], 90, SIZE)?.[0]).toMatchObject({ x: -50, y: 20 });
  });
});

describe("scaling", () => {
  const box: Rectangle = { type: "rectangle", x: 20, y: 20, width: 40, height: 20 };

  it("goes as far as it can on either axis, together where proportions are kept", () => {
    expect(scaleOnImage([box], [20, 20], [9, 2], SIZE)[0]).toMatchObject({
      width: 180,
      height: 40,
    });
    const [kept] = scaleOnImage([box], [20, 20], [9, 9], SIZE) as Rectangle[];
    expect(kept?.height).toBeCloseTo(80, 0);
    expect(kept?.width).toBeCloseTo(160, 0);
  });

  it("leaves at least a pixel", () => {
    expect(scaleOnImage([box], [20, 20], [0, 0.5], SIZE)[0]).toMatchObject({
      width: 1,
      height: 10,
    });
  });

  it("about the centre keeps the centre, also at the edge", () => {
    const made = resizeAboutCentre(box, "e", [80, 0], false, SIZE);
    expect(made).toMatchObject({ x: 0, y: 20, width: 80, height: 20 });
    const stopped = resizeAboutCentre(box, "e", [150, 0], false, SIZE);
    expect(stopped.x).toBeGreaterThanOrEqual(-0.03);
    expect(stopped.x + stopped.width / 2).toBeCloseTo(40, 1);
  });
});

describe("the frame", () => {
  const ellipse: Ellipse = { type: "ellipse", x: 50, y: 50, rx: 20, ry: 10, angle: 90 };

  it("of one rectangle or ellipse is its own box, of a point or mask there is none", () => {
    expect(frameOf([ellipse])).toEqual({
      box: { type: "rectangle", x: 30, y: 40, width: 40, height: 20, angle: 90 },
      own: true,
    });
    expect(frameOf([{ type: "point", x: 1, y: 2 }])).toBeNull();
    expect(frameOf([{ type: "tag" }])).toBeNull();
    expect(frameOf([{ type: "keypoints", points: [[0, 0, 0]] }])).toBeNull();
  });

  it("has the ends of an ellipse's axes among its handles", () => {
    const frame = frameOf([ellipse]);
    const handles = new Map(frame ? frameHandles(frame, 2, SIZE) : []);
    expect(handles.get("e")?.map(Math.round)).toEqual([50, 70]);
    expect(handles.get("n")?.map(Math.round)).toEqual([60, 50]);
  });

  it("lies about a polygon, off its vertices, and turns from above, below, or within", () => {
    const ring = (top: number, bottom: number): Geometry => ({
      type: "polygon",
      parts: [
        [
          [
            [20, top],
            [60, top],
            [60, bottom],
          ],
        ],
      ],
    });
    const handle = (top: number, bottom: number) => {
      const frame = frameOf([ring(top, bottom)]);
      const all = new Map(frame ? frameHandles(frame, 2, SIZE) : []);
      return { nw: all.get("nw"), turn: all.get("turn") };
    };
    expect(handle(40, 60)).toEqual({ nw: [16, 36], turn: [40, 30] });
    expect(handle(5, 60).turn).toEqual([40, 70]);
    expect(handle(0, 100).turn).toEqual([40, 2]);
  });

  it("of an upright line has no handles that would make it wider", () => {
    const frame = frameOf([
      {
        type: "polyline",
        points: [
          [20, 20],
          [20, 60],
        ],
      },
    ]);
    const names = frame ? frameHandles(frame, 2, SIZE).map(([name]) => name) : [];
    expect(names).toEqual(["n", "s", "turn"]);
  });
});
