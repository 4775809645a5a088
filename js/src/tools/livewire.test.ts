import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Polygon, XY } from "../document/types.ts";
import { polygonToRuns } from "../geometry/filling.ts";
import { rleOf } from "../geometry/runs.ts";
import { Bench } from "../testing/bench.ts";
import { act, expectSound, perform } from "../testing/hands.ts";
import type { Answer } from "./kernel_call.ts";
import { livewire } from "./livewire.ts";
import type { Effect } from "./tool.ts";

type Hand = Bench<typeof livewire.start>;

const asks = ({ effects }: Hand) =>
  effects.filter((one): one is Extract<Effect, { type: "ask" }> => one.type === "ask");

/** What the kernel would say: from the seed every wire goes up or down first, then along. */
function answer([x, y]: XY, size = { width: 200, height: 100 }, at: XY = [0, 0]): Answer {
  const directions = new Uint8Array(size.width * size.height);
  const [column, row] = [Math.floor(x) - at[0], Math.floor(y) - at[1]];
  for (let i = 0; i < directions.length; i++) {
    const across = (i % size.width) - column;
    const down = Math.floor(i / size.width) - row;
    directions[i] = across > 0 ? 1 : across < 0 ? 5 : down > 0 ? 3 : down < 0 ? 7 : 0;
  }
  return {
    ...{ tool: "livewire", version: "1", parameters: { window: 512, coarseness: 1 } },
    ...{ shapes: [], note: null },
    arrays: {
      directions: { dtype: "uint8", shape: [size.height, size.width], values: directions },
      origin: { dtype: "int32", shape: [2], values: Int32Array.from(at) },
    },
  };
}

function reply(hand: Hand, made?: Answer, turn = hand.state.turn): Hand {
  const seed = hand.state.points.at(-1) ?? [0, 0];
  return hand.handle({ type: "answer", turn, answer: made ?? answer(seed) });
}

function bench(tool: "polygon" | "polyline" | "mask" = "polygon"): Hand {
  const hand = new Bench(livewire);
  hand.target = { ...hand.target, tool };
  return hand;
}

const click = (hand: Hand, at: XY) => reply(hand.click(at));

describe("the live wire", () => {
  it("asks for the way back to each click", () => {
    const hand = bench().click([10.2, 20.7]);
    expect(asks(hand)[0]).toEqual({
      ...{ type: "ask", turn: 1, tool: "livewire" },
      prompt: { clicks: [{ x: 10.5, y: 20.5, positive: true }] },
    });
    expect(hand.preview.waiting).toBe(true);
    reply(hand);
    expect(hand.preview.waiting).toBe(false);
    hand.click([60, 70]);
    expect(asks(hand)[1]?.prompt.clicks).toEqual([{ x: 60.5, y: 70.5, positive: true }]);
  });

  it("shows the wire to the pointer, and a click fixes it", () => {
    const hand = click(bench(), [10, 20]).hover([60, 70]);
    const wire: XY[] = [
      [10.5, 20.5],
      [10.5, 70.5],
      [60.5, 70.5],
    ];
    expect(hand.preview.draft).toEqual({ type: "polyline", points: wire });
    hand.click([60, 70]);
    expect(hand.state.points).toEqual(wire);
  });

  it("is straight while the kernel computes, and with Shift", () => {
    const hand = bench().click([10, 20]).hover([60, 70]);
    const straight: XY[] = [
      [10.5, 20.5],
      [60, 70],
    ];
    expect(hand.preview.draft).toEqual({ type: "polyline", points: straight });
    reply(hand).hover([60, 70], { shift: true });
    expect(hand.preview.draft).toEqual({ type: "polyline", points: straight });
  });

  it("an answer to an earlier click does not count", () => {
    const hand = bench().click([10, 20]).click([60, 70]);
    reply(hand, answer([10.5, 20.5]), 1);
    expect(hand.state.waiting).toBe(true);
    hand.hover([90, 90]);
    expect(hand.preview.draft).toMatchObject({ points: hand.state.points.concat([[90, 90]]) });
  });

  it("beyond the window it goes on straight", () => {
    const hand = bench().click([10, 20]);
    reply(hand, answer([10.5, 20.5], { width: 30, height: 30 }, [0, 10]));
    hand.hover([100, 60]);
    expect(hand.preview.draft).toMatchObject({
      points: [
        [10.5, 20.5],
        [10.5, 39.5],
        [29.5, 39.5],
        [100, 60],
      ],
    });
  });

  const outline = (hand: Hand) => click(click(click(hand, [20, 20]), [80, 60]), [120, 30]);

  it("closes at its first point, along the wire", () => {
    const hand = outline(bench()).hover([21, 21]);
    expect(hand.preview.closing).toBe(true);
    hand.click([21, 21]);
    const made = hand.made[0] as Polygon;
    expect(made.type).toBe("polygon");
    expectSound(made, hand.size);
    expect(made.parts[0]?.[0]).toContainEqual([20.5, 60.5]);
    expect(hand.busy).toBe(false);
    expect(hand.effects.at(-1)).toMatchObject({
      type: "create",
      origin: { kind: "tool", name: "livewire", version: "1", parameters: { coarseness: 1 } },
    });
  });

  it("Enter and a double click close too", () => {
    expect(outline(bench()).finish().made).toHaveLength(1);
    expect(click(click(bench(), [20, 20]), [80, 60]).double([120, 30]).made).toHaveLength(1);
  });

  it("makes lines for classes of lines, which no point closes", () => {
    const hand = click(click(bench("polyline"), [20, 20]), [80, 60]).hover([20, 20]);
    expect(hand.preview.closing).toBe(false);
    const { points } = hand.state;
    expect(hand.finish().made).toEqual([{ type: "polyline", points }]);
  });

  it("fills masks", () => {
    const hand = outline(bench("mask"));
    const ring = [...hand.state.points];
    hand.finish();
    const stroke = hand.effects.at(-1);
    if (stroke?.type !== "stroke") throw new Error("No stroke.");
    expect(stroke.erase).toBe(false);
    const around = polygonToRuns([[[...ring, [120.5, 20.5]]]], [100, 200]);
    expect(rleOf(stroke.runs)).toEqual(rleOf(around));
  });

  it("Backspace takes back click after click, and asks again", () => {
    const hand = outline(bench()).back();
    expect(asks(hand).at(-1)?.prompt.clicks).toEqual([{ x: 80.5, y: 60.5, positive: true }]);
    hand.back().back();
    expect(hand.busy).toBe(false);
    expect(hand.effects.at(-1)).toEqual({ type: "unask" });
    expect(hand.back().effects.at(-1)).toEqual({ type: "unask" });
  });

  it("Escape throws all away, and what the kernel still says of it", () => {
    const hand = bench().click([20, 20]).cancel();
    expect(hand.busy).toBe(false);
    hand.click([50, 50]);
    reply(hand, answer([20.5, 20.5]), 1);
    expect(hand.state.map).toBeNull();
  });

  it("another reach asks again", () => {
    const hand = click(bench(), [20, 20]);
    hand.set("window", 128);
    expect(asks(hand)).toHaveLength(2);
    expect(bench().set("window", 128).effects).toEqual([]);
  });

  it("without a kernel it says so and draws on, straight", () => {
    const hand = bench().click([20, 20]);
    hand.handle({ type: "failed", turn: 1, message: "The kernel is gone." });
    expect(hand.said).toEqual(["The kernel is gone."]);
    hand.click([80, 20]).click([80, 60]).finish();
    expect(hand.made).toHaveLength(1);
  });

  it("a broken answer is none", () => {
    const hand = bench().click([20, 20]);
    const { directions } = answer([20, 20]).arrays;
    reply(hand, { ...answer([20, 20]), arrays: { ...(directions && { directions }) } });
    expect(hand.state.map).toBeNull();
    hand.click([80, 20]).click([80, 60]).finish();
    expect(hand.made).toHaveLength(1);
  });

  it("needs another place, and a pixel", () => {
    expect(click(bench(), [20, 20]).finish().said).toEqual([
      "Click at another place along the edge first.",
    ]);
    const flat = bench().click([20, 20]).click([80, 20]).finish();
    expect(flat.said).toEqual(["The outline needs to go around at least one pixel."]);
    expect(flat.busy).toBe(true);
  });

  it("whatever the hand does, an outline lies on the picture, is simple and has a pixel", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40, size: "max" }), fc.boolean(), (acts, answers) => {
        const hand = bench();
        for (const one of acts) {
          perform(hand, one);
          if (answers && hand.state.waiting) reply(hand);
        }
        for (const geometry of hand.made) expectSound(geometry, hand.size);
        hand.cancel();
        expect(hand.busy).toBe(false);
        expect(hand.preview.draft).toBeNull();
      }),
      { numRuns: 80 },
    );
  });
});
