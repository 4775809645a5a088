import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform } from "../testing/hands.ts";
import { rectangle } from "./rectangle.ts";

const bench = () => new Bench(rectangle);
const box = (x: number, y: number, width: number, height: number) => ({
  ...{ type: "rectangle", x, y, width, height },
});

describe("rectangle", () => {
  it("is drawn by dragging, in any direction", () => {
    const corners = [
      [10, 20],
      [50, 80],
    ] as const;
    const ways = [
      [corners[0], corners[1]],
      [corners[1], corners[0]],
      [
        [10, 80],
        [50, 20],
      ],
      [
        [50, 20],
        [10, 80],
      ],
    ] as const;
    for (const way of ways) expect(bench().pull(way).made).toEqual([box(10, 20, 40, 60)]);
  });

  it("is drawn by clicking two corners", () => {
    const drawn = bench().click([10, 20]);
    expect(drawn.busy).toBe(true);
    expect(drawn.hover([30, 30]).preview.draft).toEqual(box(10, 20, 20, 10));
    expect(drawn.click([50, 80]).made).toEqual([box(10, 20, 40, 60)]);
    expect(drawn.busy).toBe(false);
  });

  it("takes a press that hardly moves for a click", () => {
    const drawn = bench().pull([
      [10, 20],
      [12, 21],
    ]);
    expect(drawn.made).toEqual([]);
    expect(drawn.said).toEqual([]);
    expect(drawn.click([50, 80]).made).toEqual([box(10, 20, 40, 60)]);
  });

  it("Shift makes a square with the longer side, by drag and by clicks", () => {
    const dragged = bench().pull(
      [
        [10, 10],
        [40, 25],
      ],
      { shift: true },
    );
    expect(dragged.made).toEqual([box(10, 10, 30, 30)]);
    const back = bench().pull(
      [
        [60, 60],
        [50, 20],
      ],
      { shift: true },
    );
    expect(back.made).toEqual([box(20, 20, 40, 40)]);
    const clicked = bench().click([10, 10]).hover([40, 25], { shift: true });
    expect(clicked.preview.draft).toEqual(box(10, 10, 30, 30));
    expect(clicked.click([40, 25], { shift: true }).made).toEqual([box(10, 10, 30, 30)]);
  });

  it("a square stays a square at the edge", () => {
    const drawn = bench().pull(
      [
        [150, 60],
        [400, 70],
      ],
      { shift: true },
    );
    expect(drawn.made).toEqual([box(150, 60, 40, 40)]);
  });

  it("ends at the edge of the picture", () => {
    const drawn = bench().pull([
      [190, 90],
      [300, 300],
    ]);
    expect(drawn.made).toEqual([box(190, 90, 10, 10)]);
    const started = bench().pull([
      [-50, -50],
      [10, 10],
    ]);
    expect(started.made).toEqual([box(0, 0, 10, 10)]);
  });

  it("needs a pixel, and says so", () => {
    const thin = bench().pull([
      [10, 10],
      [10.5, 60],
    ]);
    expect(thin.made).toEqual([]);
    expect(thin.said).toEqual(["A box needs to be at least one pixel wide and high."]);
    expect(thin.busy).toBe(false);
    expect(bench().double([10, 10]).made).toEqual([]);
  });

  it("Escape and Backspace throw away what is half drawn", () => {
    for (const stop of ["cancel", "back"] as const) {
      const drawn = bench().down([10, 10]).drag([50, 50])[stop]();
      expect(drawn.busy).toBe(false);
      expect(drawn.up([50, 50]).effects).toEqual([]);
      const clicked = bench().click([10, 10])[stop]();
      expect(clicked.busy).toBe(false);
      expect(clicked.effects).toEqual([]);
    }
  });

  it("Enter finishes at the pointer, and does nothing when nothing is drawn", () => {
    expect(bench().click([10, 10]).hover([30, 40]).finish().made).toEqual([box(10, 10, 20, 30)]);
    expect(bench().finish().effects).toEqual([]);
  });

  it("shows what is drawn, and nothing before", () => {
    expect(bench().hover([5, 5]).preview.draft).toBeNull();
    const drawn = bench().down([10, 10]);
    expect(drawn.preview).toMatchObject({ draft: null, points: [[10, 10]] });
    expect(drawn.drag([30, 20]).preview.draft).toEqual(box(10, 10, 20, 10));
  });

  it("whatever the hand does, a box lies on the picture and has a pixel", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30, size: "max" }), (acts) => {
        const drawn = bench();
        for (const one of acts) perform(drawn, one);
        for (const geometry of drawn.made) expectSound(geometry, drawn.size);
        const count = drawn.made.length;
        drawn.cancel();
        expect(drawn.busy).toBe(false);
        expect(drawn.made).toHaveLength(count);
        expect(drawn.preview.draft).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
