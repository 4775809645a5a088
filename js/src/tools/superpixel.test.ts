import { describe, expect, it } from "vitest";
import type { XY } from "../document/types.ts";
import { runsArea, runsContain } from "../geometry/runs.ts";
import { Bench } from "../testing/bench.ts";
import type { Answer } from "./kernel_call.ts";
import { type SuperpixelState, superpixel } from "./superpixel.ts";
import type { Effect } from "./tool.ts";

type Of<T extends Effect["type"]> = Extract<Effect, { type: T }>;

class Kernel {
  readonly bench = new Bench<SuperpixelState>(superpixel, { width: 40, height: 20 });

  all<T extends Effect["type"]>(type: T): Of<T>[] {
    return this.bench.effects.filter((effect): effect is Of<T> => effect.type === type);
  }

  get asked(): Of<"ask"> {
    const asked = this.all("ask").at(-1);
    if (!asked) throw new Error("Nothing was asked.");
    return asked;
  }

  /** Answer the last question with upright stripes, so many columns each. */
  answer(columns: number, turn = this.asked.turn): this {
    this.bench.handle({ type: "answer", turn, answer: stripes(columns) });
    return this;
  }

  /** Hover until the fine map is there: stripes of ten columns. */
  ready(): this {
    this.bench.hover([1, 1]);
    return this.answer(20).answer(10);
  }
}

function stripes(columns: number, height = 20): Answer {
  const count = 40 / columns;
  const lengths = new Uint32Array(count).fill(columns * height);
  const labels = Uint16Array.from(lengths, (_, i) => i);
  const shape = [count];
  return {
    ...{ tool: "superpixel", version: "7", parameters: {}, shapes: [], note: null },
    arrays: {
      lengths: { dtype: "uint32", shape, values: lengths },
      labels: { dtype: "uint16", shape, values: labels },
    },
  };
}

const glowing = ({ bench }: Kernel, at: XY) => {
  const { glow } = bench.preview;
  return glow !== null && runsContain(glow, at[0], at[1]);
};

describe("the map of superpixels", () => {
  it("is asked for roughly first, then finely, and then no more", () => {
    const kernel = new Kernel();
    kernel.bench.hover([1, 1]).hover([2, 2]);
    expect(kernel.all("ask")).toHaveLength(1);
    expect(kernel.asked).toMatchObject({ parameters: { size: 32, coarse: true }, keep: true });
    expect(kernel.bench.preview.glow).toBeNull();
    kernel.answer(20);
    expect(kernel.asked.parameters).toEqual({ size: 32, coarse: false });
    expect(glowing(kernel, [19, 5])).toBe(true);
    kernel.answer(10);
    expect(glowing(kernel, [19, 5])).toBe(false);
    for (let x = 0; x < 40; x++) kernel.bench.hover([x, 3]).click([x, 3]);
    expect(kernel.all("ask")).toHaveLength(2);
  });

  it("is asked for anew when the size changes, and the old one serves until it comes", () => {
    const kernel = new Kernel().ready();
    kernel.bench.set("size", 40);
    expect(kernel.asked.parameters).toEqual({ size: 40, coarse: true });
    expect(glowing(kernel, [1, 5])).toBe(true);
    // Steps of a slider while the answer is on its way ask nothing more until it comes.
    kernel.bench.set("size", 50).set("size", 60);
    expect(kernel.all("ask")).toHaveLength(3);
    kernel.answer(20);
    expect(kernel.asked.parameters).toEqual({ size: 60, coarse: true });
    kernel.answer(20);
    expect(kernel.asked.parameters).toEqual({ size: 60, coarse: false });
    // A fine one that nobody wants any more is not waited for.
    kernel.bench.set("size", 61);
    expect(kernel.asked.parameters).toEqual({ size: 61, coarse: true });
  });

  it("is not taken from an answer that comes too late", () => {
    const kernel = new Kernel();
    kernel.bench.hover([1, 1]);
    kernel.answer(20, 0).answer(20, 99);
    expect(kernel.bench.preview.glow).toBeNull();
  });

  it("of another picture, or a kernel that fails, is said once and asked for no more", () => {
    const kernel = new Kernel();
    kernel.bench.hover([1, 1]);
    kernel.bench.handle({ type: "answer", turn: kernel.asked.turn, answer: stripes(10, 21) });
    expect(kernel.bench.said).toHaveLength(1);
    kernel.bench.hover([2, 2]).click([3, 3]);
    expect(kernel.all("ask")).toHaveLength(1);
    kernel.bench.set("size", 33);
    kernel.bench.handle({ type: "failed", turn: kernel.asked.turn, message: "No pixels." });
    expect(kernel.bench.said.at(-1)).toBe("No pixels.");
    expect(superpixel.says?.(kernel.bench.state, kernel.bench.scene)).toMatch(/size/);
    expect(kernel.all("stroke")).toEqual([]);
  });
});

describe("painting superpixels", () => {
  it("a click paints the one that glowed, and says how it was made", () => {
    const kernel = new Kernel().ready();
    kernel.bench.hover([25, 5]);
    const { glow } = kernel.bench.preview;
    kernel.bench.click([25, 5]);
    const [made, ...others] = kernel.all("stroke");
    expect(others).toEqual([]);
    expect(made?.erase).toBe(false);
    expect(made?.runs).toEqual(glow);
    expect(made && runsArea(made.runs)).toBe(200);
    const parameters = { size: 32, coarse: false, superpixels: 1 };
    expect(made?.origin).toEqual({ kind: "tool", name: "superpixel", version: "7", parameters });
  });

  it("a drag paints every one on its way as one gesture, however fast it was", () => {
    const kernel = new Kernel().ready();
    kernel.bench.down([2, 2]).drag([35, 10]);
    expect(glowing(kernel, [15, 1])).toBe(true);
    expect(kernel.bench.busy).toBe(true);
    kernel.bench.up([35, 10]);
    expect(kernel.all("stroke")).toHaveLength(1);
    expect(runsArea(kernel.all("stroke")[0]?.runs as never)).toBe(800);
    expect(kernel.bench.busy).toBe(false);
  });

  it("Alt erases, by what it was when the button went down", () => {
    const kernel = new Kernel().ready();
    kernel.bench.click([5, 5], { alt: true });
    kernel.bench.down([5, 5]).up([5, 5], { alt: true });
    expect(kernel.all("stroke").map((one) => one.erase)).toEqual([true, false]);
  });

  it("a finer map that comes during a drag does not change what it paints", () => {
    const kernel = new Kernel();
    kernel.bench.hover([1, 1]);
    kernel.answer(20);
    kernel.bench.down([2, 2]);
    kernel.answer(10);
    kernel.bench.drag([3, 3]).up([3, 3]);
    expect(runsArea(kernel.all("stroke")[0]?.runs as never)).toBe(400);
    expect(kernel.all("stroke")[0]?.origin).toMatchObject({ parameters: { coarse: true } });
  });

  it("Escape gives a drag up; beside the picture and before the map nothing is painted", () => {
    const kernel = new Kernel();
    kernel.bench.click([5, 5]);
    kernel.ready();
    kernel.bench.down([5, 5]).cancel().up([5, 5]);
    kernel.bench.click([-5, 5]);
    expect(kernel.all("stroke")).toEqual([]);
  });
});
