import { expect, test, vi } from "vitest";
import { Kernel } from "./kernel.ts";
import { LOST_MS, Pictures } from "./pictures.ts";
import type { ToKernel } from "./wire.ts";

type Sent = ToKernel & { readonly request: number };

/** A kernel that answers when the test wants it to. */
function bench() {
  const sent: Sent[] = [];
  let receive: (content: unknown, buffers: DataView[]) => void = () => undefined;
  const ended = new AbortController();
  const kernel = new Kernel(
    {
      send: (content) => {
        sent.push(content as Sent);
      },
      on: (_, callback) => {
        receive = callback as unknown as typeof receive;
      },
      off: () => undefined,
    },
    ended.signal,
  );
  const answer = (item: string, frame?: number) => {
    const asked = sent
      .filter((one) => one.type === "pixels" && one.item === item)
      .filter((one) => frame === undefined || ("frame" in one && one.frame === frame))
      .at(-1);
    const values = { deflated: false, low: 0, high: 1, slope: 1, offset: 0 };
    receive(
      { type: "pixels", request: asked?.request, item, mime: "", width: 1, height: 1, values },
      [new DataView(new ArrayBuffer(2))],
    );
  };
  const asked = () =>
    sent.flatMap((one) => (one.type === "pixels" ? [`${one.item}${one.ahead ? "+" : ""}`] : []));
  const cancelled = () =>
    sent.flatMap((one) => {
      if (one.type !== "cancel") return [];
      const of = sent.find((other) => other.request === one.cancels);
      return of?.type === "pixels" ? [of.item] : [];
    });
  return { pictures: new Pictures(kernel), answer, asked, cancelled, sent };
}

test("what is expected is asked for once, ahead, and is there when it is wanted", async () => {
  const { pictures, answer, asked } = bench();
  pictures.expect(["a", "b"]);
  pictures.expect(["a", "b"]);
  answer("a");
  await pictures.get("a");
  expect(asked()).toEqual(["a+", "b+"]);
});

test("what is expected no more is given up, unless somebody waits for it", async () => {
  const { pictures, answer, asked, cancelled } = bench();
  pictures.expect(["a", "b", "c"]);
  const waited = pictures.get("b");
  pictures.expect(["c", "d"]);
  expect(cancelled()).toEqual(["a"]);
  answer("b");
  await waited;
  expect(asked()).toEqual(["a+", "b+", "c+", "d+"]);
});

test("a picture that its only viewer has left is given up, and asked for anew", async () => {
  const { pictures, answer, asked, cancelled } = bench();
  const gone = new AbortController();
  const left = pictures.get("a", 0, gone.signal);
  gone.abort();
  const again = pictures.get("a");
  await expect(left).rejects.toThrow("cancelled");
  expect(cancelled()).toEqual(["a"]);
  answer("a");
  expect((await again).width).toBe(1);
  expect(asked()).toEqual(["a", "a"]);
});

test("one viewer who leaves takes nothing from another, nor from what is expected", async () => {
  const { pictures, answer, cancelled } = bench();
  const gone = new AbortController();
  const left = pictures.get("a", 0, gone.signal);
  const stays = pictures.get("a", 0, new AbortController().signal);
  pictures.expect(["b"]);
  const other = pictures.get("b", 0, gone.signal);
  gone.abort();
  await expect(left).rejects.toThrow("cancelled");
  await expect(other).rejects.toThrow("cancelled");
  expect(cancelled()).toEqual([]);
  answer("a");
  answer("b");
  await stays;
  await pictures.get("b");
});

test("a viewer who was gone before asking takes nothing from the next", async () => {
  const { pictures, asked } = bench();
  const gone = new AbortController();
  gone.abort();
  await expect(pictures.get("a", 0, gone.signal)).rejects.toThrow("cancelled");
  void pictures.get("a").catch(() => undefined);
  expect(asked()).toEqual(["a", "a"]);
});

test("slices are read ahead three at a time, the likeliest first, and those that are not any more are given up", async () => {
  const { pictures, answer, sent } = bench();
  const frames = () =>
    sent.flatMap((one) => (one.type === "pixels" ? [`${one.frame}${one.ahead ? "+" : ""}`] : []));
  pictures.travel("a", [5, 3, 6, 2]);
  expect(frames()).toEqual(["5+", "3+", "6+"]);
  answer("a", 3);
  await vi.waitFor(() => expect(frames()).toHaveLength(4));
  expect(pictures.ready("a", 3)).not.toBeNull();
  expect(pictures.ready("a", 5)).toBeNull();
  // Whoever waits for one gets it, whatever is likely.
  const waited = pictures.get("a", 6);
  pictures.travel("a", [9]);
  const cancelled = sent.flatMap((one) => (one.type === "cancel" ? [one.cancels] : []));
  expect(cancelled).toHaveLength(2);
  expect(frames()).toEqual(["5+", "3+", "6+", "2+", "9+"]);
  answer("a", 6);
  expect((await waited).width).toBe(1);
});

test("a slice whose answer was lost is asked for again by whoever comes back to it", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { pictures, sent } = bench();
  pictures.travel("a", [5]);
  const asked = () => sent.filter((one) => one.type === "pixels").length;
  void pictures.get("a", 5, AbortSignal.abort()).catch(() => undefined);
  expect(asked()).toBe(1);
  vi.advanceTimersByTime(LOST_MS + 1);
  void pictures.get("a", 5);
  expect(asked()).toBe(2);
  vi.useRealTimers();
});

test("all slices of a scan are kept where other pictures would long be gone", async () => {
  const { pictures, answer } = bench();
  pictures.travel("a", [...Array(40).keys()]);
  for (let frame = 0; frame < 40; frame++) {
    answer("a", frame);
    await vi.waitFor(() => expect(pictures.ready("a", frame)).not.toBeNull());
  }
  for (let n = 0; n < 20; n++) {
    const asked = pictures.get(`b${n}`);
    answer(`b${n}`);
    await asked;
  }
  expect([...Array(40).keys()].every((frame) => pictures.ready("a", frame))).toBe(true);
  expect(pictures.ready("b0")).toBeNull();
  expect(pictures.ready("b19")).not.toBeNull();
});
