import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rectangle } from "../document/types.ts";
import { Bench } from "../testing/bench.ts";
import { act, perform } from "../testing/hands.ts";
import type { Answer } from "./kernel_call.ts";
import { type KernelToolSpec, kernelTool } from "./kernel_tool.ts";
import type { Effect } from "./tool.ts";

const BOX: Rectangle = { type: "rectangle", x: 10, y: 10, width: 20, height: 10 };
const spec = (over: Partial<KernelToolSpec> = {}): KernelToolSpec => ({
  name: "find",
  version: "1",
  label: "Find",
  hint: "Click what is meant.",
  prompts: ["clicks"],
  options: [
    { type: "number", name: "level", label: "level", min: 0, max: 255, step: 1, value: 128 },
  ],
  makes: ["rectangle"],
  ...over,
});
const answer = (over: Partial<Answer> = {}): Answer => ({
  tool: "find",
  version: "1",
  parameters: { level: 128 },
  shapes: [{ geometry: BOX }],
  arrays: {},
  note: null,
  ...over,
});
const bench = (over: Partial<KernelToolSpec> = {}) => new Bench(kernelTool(spec(over)));
type Hand = ReturnType<typeof bench>;
const asked = ({ effects }: Hand) =>
  effects.filter((one): one is Extract<Effect, { type: "ask" }> => one.type === "ask");
const reply = (hand: Hand, made = answer(), turn = hand.state.turn) =>
  hand.handle({ type: "answer", turn, answer: made });

describe("a kernel tool", () => {
  it("asks at a click, proposes, and makes an object of it at Enter", () => {
    const hand = bench().click([50, 40]);
    expect(asked(hand)[0]?.prompt.clicks).toEqual([{ x: 50, y: 40, positive: true }]);
    expect(hand.preview.waiting).toBe(true);
    reply(hand);
    expect(hand.preview.proposal).toEqual([BOX]);
    expect(hand.made).toEqual([]);
    hand.finish();
    expect(hand.made).toEqual([BOX]);
    expect(hand.busy).toBe(false);
  });

  it("is shown a box by a drag, and a line with Shift or of what is not meant", () => {
    const hand = bench({ prompts: ["clicks", "box", "scribbles"] });
    hand.down([10, 10]).drag([30, 20]).up([30, 20]);
    expect(asked(hand).at(-1)?.prompt).toEqual({ box: [10, 10, 20, 10] });
    hand.down([50, 10], { shift: true }).drag([60, 10]).up([60, 10]);
    expect(asked(hand).at(-1)?.prompt.scribbles).toEqual([
      {
        points: [
          [50, 10],
          [60, 10],
        ],
        positive: true,
      },
    ]);
    hand.down([50, 40], { alt: true }).drag([60, 40]).up([60, 40]);
    expect(asked(hand).at(-1)?.prompt.scribbles?.at(-1)?.positive).toBe(false);
    expect(asked(hand).at(-1)?.prompt.box).toEqual([10, 10, 20, 10]);
  });

  it("keeps how it was made", () => {
    const hand = reply(bench().click([50, 40])).finish();
    const accepted = hand.effects.at(-1);
    expect(accepted).toMatchObject({
      type: "accept",
      shapes: [
        {
          origin: {
            kind: "tool",
            name: "find",
            version: "1",
            parameters: { level: 128, prompt: { clicks: [{ x: 50, y: 40, positive: true }] } },
          },
        },
      ],
    });
  });

  it("takes Enter before the answer as meant", () => {
    const hand = bench().click([50, 40]).finish();
    expect(hand.made).toEqual([]);
    reply(hand);
    expect(hand.made).toEqual([BOX]);
  });

  it("does not hear answers to what it no longer asks", () => {
    const hand = bench().click([50, 40]).click([60, 40]);
    reply(hand, answer(), 1);
    expect(hand.preview.proposal).toEqual([]);
    reply(hand, answer(), 2);
    expect(hand.preview.proposal).toEqual([BOX]);
    hand.cancel();
    reply(hand, answer(), 2);
    expect(hand.preview.proposal).toEqual([]);
    expect(hand.busy).toBe(false);
  });

  it("asks again when an option changes, and only when something was shown to it", () => {
    const hand = bench().set("level", 90);
    expect(asked(hand)).toHaveLength(0);
    hand.click([50, 40]).set("level", 100);
    expect(asked(hand)).toHaveLength(2);
  });

  it("takes parts of the prompt back, one by one", () => {
    const hand = bench().click([50, 40]).click([60, 40], { alt: true }).back();
    expect(asked(hand).map((one) => one.prompt.clicks?.map((click) => click.positive))).toEqual([
      [true],
      [true, false],
      [true],
    ]);
    hand.back();
    expect(hand.effects.at(-1)).toEqual({ type: "unask" });
    expect(hand.busy).toBe(false);
  });

  it("takes a dragged box, and a new one in its place", () => {
    const hand = bench({ prompts: ["box"] }).pull([
      [10, 10],
      [30, 20],
      [50, 40],
    ]);
    hand.pull([
      [20, 10],
      [60, 40],
    ]);
    expect(asked(hand).map((one) => one.prompt.box)).toEqual([
      [10, 10, 40, 30],
      [20, 10, 40, 30],
    ]);
    expect(hand.click([5, 5]).said).toEqual(["Click what is meant."]);
  });

  it("takes scribbles of both kinds", () => {
    const hand = bench({ prompts: ["scribbles"] }).pull([
      [10, 10],
      [30, 20],
      [50, 40],
    ]);
    hand.down([20, 60], { alt: true }).drag([40, 60]).up([40, 60]);
    const [first, second] = asked(hand).at(-1)?.prompt.scribbles ?? [];
    expect(first?.points.length).toBeGreaterThan(2);
    expect(first?.positive).toBe(true);
    expect(second?.positive).toBe(false);
    expect(hand.preview.guides.map((one) => one.dashed)).toEqual([false, true]);
  });

  it("that wants nothing shown runs at Enter", () => {
    const hand = bench({ prompts: [] }).finish();
    expect(asked(hand)).toHaveLength(1);
    expect(reply(hand).finish().made).toEqual([BOX]);
  });

  it("says why it failed, and goes on with what it was shown", () => {
    const hand = bench().click([50, 40]);
    hand.handle({ type: "failed", turn: 1, message: "raised ValueError: no." });
    expect(hand.said).toEqual(["raised ValueError: no."]);
    expect(hand.preview.clicks).toHaveLength(1);
    hand.set("level", 90);
    expect(asked(hand)).toHaveLength(2);
  });

  it("that found nothing makes nothing", () => {
    const hand = reply(bench().click([50, 40]), answer({ shapes: [], note: "Too dark." }));
    expect(hand.tool.says?.(hand.state, hand.scene)).toBe("Too dark.");
    expect(hand.finish().made).toEqual([]);
  });

  it("takes anything a hand does, in any order, and each Enter gives at most what was proposed", () => {
    const any = fc.oneof(act, fc.constant("answer" as const), fc.constant("failed" as const));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (acts) => {
        const hand = bench({ prompts: ["clicks", "box"] });
        for (const one of acts) {
          if (one === "answer") reply(hand);
          else if (one === "failed")
            hand.handle({ type: "failed", turn: hand.state.turn, message: "no" });
          else perform(hand, one);
          void hand.preview;
        }
        const answers = acts.filter((one) => one === "answer").length;
        expect(hand.made.length).toBeLessThanOrEqual(answers);
        expect(hand.cancel().busy).toBe(false);
      }),
    );
  });
});
