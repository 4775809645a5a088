import { expect, test } from "vitest";
import { Kernel } from "../link/kernel.ts";
import type { ToKernel } from "../link/wire.ts";
import { Beside, isAsSeen } from "./beside.ts";

type Sent = ToKernel & { readonly request: number };

function opened(request: number, task: string | null, labels = "[]") {
  const row = task && { id: task, title: task, folder: "", state: "queued", position: 0 };
  const bytes = new TextEncoder().encode(`{"annotations":${labels}}`);
  const message = { type: "opened", request, task: row, item: {}, total: 9, index: 1, seq: 0 };
  return { message, buffer: new DataView(bytes.buffer) };
}

/** A kernel with tasks "1" to "9" in a row. */
function bench() {
  const sent: Sent[] = [];
  let receive: (content: unknown, buffers: DataView[]) => void = () => undefined;
  const kernel = new Kernel(
    {
      send: (content) => {
        const asked = content as Sent;
        sent.push(asked);
        if (asked.type !== "open") return;
        const to = Number(asked.task) + (asked.step ?? 0);
        const { message, buffer } = opened(asked.request, to < 1 || to > 9 ? null : `${to}`);
        queueMicrotask(() => receive(message, message.task ? [buffer] : []));
      },
      on: (_, callback) => {
        receive = callback as unknown as typeof receive;
      },
      off: () => undefined,
    },
    new AbortController().signal,
  );
  return { beside: new Beside(kernel), sent };
}

test("both neighbours are looked at, by name, which claims nothing", async () => {
  const { beside, sent } = bench();
  await beside.look("5");
  expect(beside.take("5", 1)?.message.task?.id).toBe("6");
  expect(beside.take("5", -1)?.message.task?.id).toBe("4");
  expect(beside.take("5", 2)).toBeNull();
  expect(beside.take("6", 1)).toBeNull();
  expect(sent.map((one) => one.type === "open" && [one.task, one.ahead])).toEqual([
    ["5", true],
    ["5", true],
  ]);
});

test("beyond the ends there is nothing", async () => {
  const { beside } = bench();
  await beside.look("9");
  expect(beside.take("9", 1)).toBeNull();
  expect(beside.take("9", -1)?.message.task?.id).toBe("8");
});

test("what has changed since is forgotten", async () => {
  const { beside } = bench();
  await beside.look("5");
  beside.forget(new Set(["6"]));
  expect(beside.take("5", 1)).toBeNull();
  expect(beside.take("5", -1)).not.toBeNull();
});

test("who goes on meanwhile gets only the neighbours of where they are", async () => {
  const { beside } = bench();
  const before = beside.look("3");
  await beside.look("5");
  await before;
  expect(beside.take("3", 1)).toBeNull();
  expect(beside.take("5", 1)?.message.task?.id).toBe("6");
});

test("a task is as it was seen when its row and every byte of its labels are", async () => {
  const { beside } = bench();
  await beside.look("5");
  const seen = beside.take("5", 1);
  if (!seen) throw new Error("not seen");
  const same = opened(99, "6");
  expect(isAsSeen(seen, same.message as never, same.buffer)).toBe(true);
  const more = opened(99, "6", '["a"]');
  expect(isAsSeen(seen, more.message as never, more.buffer)).toBe(false);
  const moved = { ...same.message, task: { ...seen.message.task, state: "submitted" } };
  expect(isAsSeen(seen, moved as never, same.buffer)).toBe(false);
});
