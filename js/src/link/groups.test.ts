import { expect, test, vi } from "vitest";
import { Groups } from "./groups.ts";
import type { Kernel } from "./kernel.ts";

/** A kernel whose answers come when the test says so. */
function slowKernel(bytes = 10) {
  const asked: { frame: number; ahead: boolean; signal: AbortSignal; answer: () => void }[] = [];
  const ask = vi.fn(
    (message: { frame: number; ahead?: boolean }, _: unknown, signal: AbortSignal) =>
      new Promise((resolve, reject) => {
        const { frame, ahead = false } = message;
        const answer = () =>
          resolve({
            message: { packets: [[frame, 0, 1, true, bytes]] },
            buffers: [new DataView(new ArrayBuffer(bytes))],
          });
        asked.push({ frame, ahead, signal, answer });
        signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      }),
  );
  return { asked, kernel: { ask } as unknown as Kernel };
}

const open = () => new AbortController().signal;
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a group is asked for once, however many wait for it", async () => {
  const { asked, kernel } = slowKernel();
  const groups = new Groups(kernel);
  const both = Promise.all([groups.get("a", 0, open()), groups.get("a", 0, open())]);
  asked[0]?.answer();
  const [one, other] = await both;
  expect(one).toBe(other);
  expect(await groups.get("a", 0, open())).toBe(one);
  expect(asked).toHaveLength(1);
});

test("what nobody waits for any more is given up, unless it is likely to be next", async () => {
  const { asked, kernel } = slowKernel();
  const groups = new Groups(kernel);
  groups.expect("a", [10]);
  const leaving = new AbortController();
  const waits = [groups.get("a", 0, leaving.signal), groups.get("a", 10, leaving.signal)];
  leaving.abort();
  for (const one of waits) await expect(one).rejects.toThrow();
  expect(asked.map(({ frame, signal }) => [frame, signal.aborted])).toEqual([
    [10, false],
    [0, true],
  ]);
  groups.expect("a", [20]);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
});

test("groups are read ahead three at a time", async () => {
  const { asked, kernel } = slowKernel();
  new Groups(kernel).expect("a", [0, 1, 2, 3, 4]);
  expect(asked.map(({ frame, ahead }) => [frame, ahead])).toEqual([
    [0, true],
    [1, true],
    [2, true],
  ]);
  asked[1]?.answer();
  await settled();
  expect(asked.at(-1)?.frame).toBe(3);
});

test("of what was read so many bytes are held, those of the last use", async () => {
  const { asked, kernel } = slowKernel(10);
  const groups = new Groups(kernel, 25);
  const read = async (first: number) => {
    const group = groups.get("a", first, open());
    asked.at(-1)?.answer();
    await group;
  };
  for (const first of [0, 1, 0, 2, 0]) await read(first);
  expect(asked.map(({ frame }) => frame)).toEqual([0, 1, 2]);
  await read(1);
  expect(asked.map(({ frame }) => frame)).toEqual([0, 1, 2, 1]);
});
