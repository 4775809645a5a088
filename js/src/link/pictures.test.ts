import { expect, test } from "vitest";
import { Kernel } from "./kernel.ts";
import { Pictures } from "./pictures.ts";
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
  const answer = (item: string) => {
    const asked = sent.filter((one) => one.type === "pixels" && one.item === item).at(-1);
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
  return { pictures: new Pictures(kernel), answer, asked, cancelled };
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
