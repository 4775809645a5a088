import { describe, expect, it } from "vitest";
import type { Rectangle } from "../document/types.ts";
import { Bench } from "../testing/bench.ts";
import type { Answer, ProposedShape } from "./kernel_call.ts";
import { CONFIDENCE, modelTool, sureOf, worded } from "./model_tool.ts";
import type { Effect } from "./tool.ts";

const box = (x: number, size = 20): Rectangle => ({
  type: "rectangle",
  x,
  y: 10,
  width: size,
  height: size,
});
const SHAPES: readonly ProposedShape[] = [
  { geometry: box(10), class_name: "car", confidence: 0.9 },
  { geometry: box(50), class_name: "car", confidence: 0.3 },
  { geometry: box(90), class_name: "tree", confidence: 0.7 },
];
const answer: Answer = {
  tool: "net v2",
  version: "abc",
  parameters: {},
  shapes: SHAPES,
  arrays: {},
  note: null,
};
const bench = (prompts: readonly "clicks"[] = [], confidence = 0.5) => {
  const made = new Bench(
    modelTool({
      name: "net",
      version: "abc",
      label: "Net",
      hint: "Click on the picture.",
      prompts,
      options: [
        {
          type: "number",
          name: CONFIDENCE,
          label: "Confidence",
          min: 0,
          max: 1,
          step: 0.01,
          value: confidence,
        },
      ],
      makes: ["rectangle"],
      model: true,
    }),
  );
  return made.set(CONFIDENCE, confidence);
};
type Hand = ReturnType<typeof bench>;
const reply = (hand: Hand) => hand.handle({ type: "answer", turn: hand.state.turn, answer });
const accepted = ({ effects }: Hand) =>
  effects
    .filter((one): one is Extract<Effect, { type: "accept" }> => one.type === "accept")
    .map(({ shapes }) => shapes.map((one) => one.confidence));
const asks = ({ effects }: Hand) => effects.filter((one) => one.type === "ask").length;

describe("a model", () => {
  it("shows what it is sure enough of, the surest first, and accepts that at Enter", () => {
    const hand = reply(bench().finish());
    expect(hand.preview.choice).toEqual({
      shapes: [
        { className: "car", text: "car 90 %" },
        { className: "tree", text: "tree 70 %" },
      ],
      next: 0,
      all: 3,
      sure: true,
    });
    hand.finish();
    expect(accepted(hand)).toEqual([[0.9, 0.7]]);
    expect(hand.busy).toBe(false);
  });

  it("hides and shows by the slider, and asks nothing anew", () => {
    const hand = reply(bench().finish());
    hand.set(CONFIDENCE, 0.8).handle({ type: "settings" });
    expect(hand.preview.proposal).toEqual([box(10)]);
    hand.set(CONFIDENCE, 0).handle({ type: "settings" });
    expect(hand.preview.proposal).toHaveLength(3);
    expect(asks(hand)).toBe(1);
  });

  it("accepts nothing that is hidden", () => {
    const hand = reply(bench().finish());
    hand.set(CONFIDENCE, 0.95).finish();
    expect(accepted(hand)).toEqual([]);
    expect(hand.said.at(-1)).toContain("lower the confidence");
    expect(hand.busy).toBe(true);
  });

  it("keeps who made it: the model, its version, no prompt where it was shown none", () => {
    const hand = reply(bench().finish()).finish();
    const last = hand.effects.at(-1);
    expect(last).toMatchObject({
      shapes: [
        {
          className: "car",
          confidence: 0.9,
          origin: { kind: "model", name: "net v2", version: "abc", parameters: {} },
        },
        {},
      ],
    });
    expect(JSON.stringify(last)).not.toContain("prompt");
  });

  it("lets one be taken, and one be dropped, by the mouse", () => {
    const hand = reply(bench().finish());
    hand.click([15, 15]);
    expect(accepted(hand)).toEqual([[0.9]]);
    hand.click([95, 15], { alt: true });
    hand.click([200, 150]);
    hand.set(CONFIDENCE, 0).finish();
    expect(accepted(hand)).toEqual([[0.9], [0.3]]);
    expect(hand.busy).toBe(false);
  });

  it("lets the surest be taken, and the next be dropped, by keys", () => {
    const hand = reply(bench().finish());
    hand.handle({ type: "command", name: "hand.take" });
    hand.handle({ type: "command", name: "hand.drop" });
    expect(accepted(hand)).toEqual([[0.9]]);
    expect(hand.preview.choice).toMatchObject({ shapes: [], all: 1 });
    hand.handle({ type: "command", name: "hand.take" });
    expect(accepted(hand)).toEqual([[0.9]]);
    hand.handle({ type: "cancel" });
    expect(hand.busy).toBe(false);
  });

  it("takes Enter before the answer as what will be seen", () => {
    const hand = bench().finish().finish();
    reply(hand);
    expect(accepted(hand)).toEqual([[0.9, 0.7]]);
  });

  it("is shown more by further clicks where it takes clicks", () => {
    const hand = reply(bench(["clicks"]).click([15, 15]));
    hand.click([30, 30]);
    expect(accepted(hand)).toEqual([]);
    expect(asks(hand)).toBe(2);
    reply(hand).finish();
    expect(hand.effects.at(-1)).toMatchObject({
      shapes: [{ origin: { parameters: { prompt: { clicks: [{}, {}] } } } }, {}],
    });
  });
});

describe("what a model is sure of", () => {
  it("has what says no confidence", () => {
    const shapes = [{ geometry: box(1) }, { geometry: box(2), confidence: 0.2 }];
    expect(sureOf(shapes, 0.9)).toEqual([{ geometry: box(1) }]);
    expect(worded({ geometry: box(1) }, "car")).toBe("car");
  });
});

describe("answers about the image that a model proposes", () => {
  const said = (
    question: string,
    answer: string | string[],
    confidence: number,
  ): ProposedShape => ({
    geometry: { type: "tag" },
    confidence,
    attributes: { [question]: answer },
  });
  const sky = (shapes: readonly ProposedShape[]) => {
    const hand = bench().finish();
    return hand.handle({ type: "answer", turn: hand.state.turn, answer: { ...answer, shapes } });
  };
  const taken = (hand: Hand) =>
    hand.effects.flatMap((one) =>
      one.type === "accept" ? one.shapes.map(({ attributes }) => attributes) : [],
    );
  const words = (hand: Hand) => hand.preview.choice?.shapes.map(({ text }) => text);

  it("are worded with their question, and with what is answered now", () => {
    const hand = sky([said("light", "night", 0.87), said("seen", ["car", "dog"], 0.6)]);
    expect(words(hand)).toEqual(["light: night 87 %", "seen: car, dog 60 %"]);
    hand.answers = { light: "day", seen: ["car", "dog"] };
    expect(words(hand)).toEqual(["light: night 87 % (now day)"]);
    expect(hand.preview.choice?.all).toBe(1);
  });

  it("replace no answer unless they are taken alone", () => {
    const hand = sky([said("light", "night", 0.9), said("seen", ["car"], 0.8), ...SHAPES]);
    hand.answers = { light: "day" };
    hand.finish();
    expect(taken(hand)).toEqual([undefined, { seen: ["car"] }, undefined]);
    expect(hand.effects.at(-1)).toMatchObject({ type: "say" });
    expect(words(hand)).toEqual(["light: night 90 % (now day)"]);
    hand.finish();
    expect(taken(hand).at(-1)).toEqual({ light: "night" });
    expect(hand.busy).toBe(false);
  });

  it("are decided on beside their question", () => {
    const hand = sky([said("light", "night", 0.9), said("weather", "rain", 0.8)]);
    hand.handle({ type: "decide", question: "weather", take: true });
    expect(taken(hand)).toEqual([{ weather: "rain" }]);
    hand.handle({ type: "decide", question: "other", take: true });
    expect(words(hand)).toEqual(["light: night 90 %"]);
    hand.handle({ type: "decide", question: "light", take: false });
    expect(taken(hand)).toEqual([{ weather: "rain" }]);
    expect(hand.busy).toBe(false);
  });
});
