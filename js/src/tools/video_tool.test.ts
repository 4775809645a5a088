import { expect, test } from "vitest";
import type { Rectangle, Track } from "../document/types.ts";
import { sightAt } from "../geometry/track.ts";
import { extended, proposedFor } from "../geometry/track_proposal.ts";
import { Bench } from "../testing/bench.ts";
import type { Answer } from "./kernel_call.ts";
import { kernelTool } from "./kernel_tool.ts";

const carry = kernelTool({
  name: "carry",
  version: "1",
  label: "Carry",
  hint: "Carry it.",
  prompts: ["track"],
  options: [],
  makes: ["rectangle"],
  video: true,
});

function box(x: number): Rectangle {
  return { type: "rectangle", x, y: 10, width: 20, height: 20 };
}

function track(keys: Record<number, number>): Track {
  const keyframes = Object.fromEntries(
    Object.entries(keys).map(([key, x]) => [key, { geometry: box(x) }]),
  );
  return { type: "track", keyframes };
}

function answer(made: Track): Answer {
  return {
    tool: "carry",
    version: "1",
    parameters: { frames: 30 },
    shapes: [{ geometry: made }],
    arrays: {},
    note: "Carried.",
    marks: [{ frame: 9, words: "lost" }],
  };
}

function bench() {
  return new Bench(carry).lay("one", box(10)).choose("one");
}

test("Enter asks about what is selected, and Enter again adds what was proposed to it", () => {
  const at = bench().finish();
  const asked = at.effects.at(-1);
  expect(asked).toMatchObject({ type: "ask", tool: "carry", prompt: { track: track({ 0: 10 }) } });
  const turn = asked?.type === "ask" ? asked.turn : 0;
  at.handle({ type: "answer", turn, answer: answer(track({ 5: 60 })) });
  expect(at.preview.marks).toEqual([{ frame: 9, words: "lost" }]);
  at.finish();
  expect(at.effects.at(-1)).toEqual({
    type: "extend",
    id: "one",
    track: track({ 5: 60 }),
    origin: { kind: "tool", name: "carry", version: "1", parameters: { frames: 30 } },
  });
});

test("a click takes the object under it", () => {
  const at = bench().choose();
  at.down([15, 15]);
  expect(at.effects).toContainEqual({ type: "select", ids: ["one"] });
  expect(at.effects.at(-1)).toMatchObject({ type: "ask" });
});

test("how far the kernel is is seen until the answer is there, and Escape gives up", () => {
  const at = bench().finish();
  const asked = at.effects.at(-1);
  const turn = asked?.type === "ask" ? asked.turn : 0;
  at.handle({ type: "progress", turn, done: 0.4 });
  expect(at.preview.done).toBe(0.4);
  at.handle({ type: "progress", turn: turn - 1, done: 0.9 });
  expect(at.preview.done).toBe(0.4);
  at.cancel();
  expect(at.effects.at(-1)).toEqual({ type: "unask" });
  at.handle({ type: "answer", turn, answer: answer(track({ 5: 60 })) });
  expect(at.preview.proposal).toEqual([]);
});

test("what a person placed is not overwritten", () => {
  expect(extended(track({ 0: 10, 5: 33 }), track({ 5: 60, 9: 90 }))).toEqual(
    track({ 0: 10, 5: 33, 9: 90 }),
  );
});

test("a proposal is seen from the keyframe before it to its last one, and not beyond", () => {
  const seen = proposedFor(track({ 2: 10 }), track({ 12: 60 }));
  expect(sightAt(seen, 1)).toBeNull();
  expect(sightAt(seen, 7)?.geometry).toMatchObject({ x: 35 });
  expect(sightAt(seen, 12)?.geometry).toMatchObject({ x: 60 });
  expect(sightAt(seen, 13)).toBeNull();
});

test("between two keyframes a proposal is seen up to the next one", () => {
  const seen = proposedFor(track({ 0: 0, 20: 100, 40: 0 }), track({ 10: 80 }));
  expect(sightAt(seen, 15)?.geometry).toMatchObject({ x: 90 });
  expect(sightAt(seen, 20)?.geometry).toMatchObject({ x: 100 });
  expect(sightAt(seen, 21)).toBeNull();
});

test("carried backward, it is seen from its first keyframe on", () => {
  const seen = proposedFor(track({ 12: 60 }), track({ 2: 10 }));
  expect(sightAt(seen, 2)?.geometry).toMatchObject({ x: 10 });
  expect(sightAt(seen, 1)).toBeNull();
  expect(sightAt(seen, 12)?.geometry).toMatchObject({ x: 60 });
});
