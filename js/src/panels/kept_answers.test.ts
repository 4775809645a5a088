import { describe, expect, it } from "vitest";
import type { Question } from "../link/computing.ts";
import type { Answer } from "../tools/kernel_call.ts";
import { KeptAnswers } from "./kept_answers.ts";

const question = (item: string, size: number): Question => ({
  ...{ item, tool: "superpixel", prompt: {}, as: "mask" },
  parameters: { size },
});

function answer(bytes: number): Answer {
  const values = new Uint8Array(bytes);
  const arrays = { all: { dtype: "uint8" as const, shape: [bytes], values } };
  return { tool: "superpixel", version: "1", parameters: {}, shapes: [], note: null, arrays };
}

describe("answers that are kept", () => {
  it("are those of the same picture, tool and parameters", () => {
    const kept = new KeptAnswers();
    const made = answer(4);
    kept.put(question("a", 32), made);
    expect(kept.get(question("a", 32))).toBe(made);
    expect(kept.get({ ...question("a", 32), as: "polygon" })).toBe(made);
    expect(kept.get(question("b", 32))).toBeUndefined();
    expect(kept.get(question("a", 33))).toBeUndefined();
    expect(kept.get({ ...question("a", 32), frame: 1 })).toBeUndefined();
  });

  it("make room by forgetting what was used longest ago, but never the last one", () => {
    const kept = new KeptAnswers(10);
    kept.put(question("a", 1), answer(4));
    kept.put(question("b", 1), answer(4));
    kept.get(question("a", 1));
    kept.put(question("c", 1), answer(4));
    expect(kept.get(question("b", 1))).toBeUndefined();
    expect(kept.get(question("a", 1))).toBeDefined();
    kept.put(question("d", 1), answer(99));
    expect(kept.get(question("d", 1))).toBeDefined();
    expect(kept.get(question("a", 1))).toBeUndefined();
    kept.put(question("d", 1), answer(1));
    kept.put(question("e", 1), answer(9));
    expect(kept.get(question("d", 1))).toBeDefined();
  });
});
