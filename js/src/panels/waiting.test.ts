import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Kernel } from "../link/kernel.ts";
import type { TaskRow } from "../link/wire.ts";
import type { Status } from "./state.ts";
import { Waiting } from "./waiting.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page, and a kernel that is asked how many tasks wait. */
function made(answer: () => Promise<number>) {
  let asked = 0;
  const kernel = {
    ask: async () => {
      asked++;
      return { message: { type: "queue", request: 1, waiting: await answer() }, buffers: [] };
    },
  } as unknown as Kernel;
  const state = {
    status: signal<Status>({ kind: "ready" }),
    task: signal<TaskRow | null>(null),
    fills: signal(false),
  };
  const page = { hidden: false, addEventListener: () => undefined };
  const ended = new AbortController();
  const waiting = new Waiting(kernel, state, page, ended.signal);
  return { waiting, state, page, ended, asked: () => asked };
}

it("asks nothing in a notebook while there is something to do", async () => {
  const { asked } = made(async () => 3);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked()).toBe(0);
});

it("tells who has nothing to do, within seconds, that there is something", async () => {
  let count = 0;
  const { waiting, state } = made(async () => count);
  state.status.value = { kind: "done" };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(waiting.count.value).toBe(0);
  count = 2;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(waiting.count.value).toBe(2);
});

it("says nothing of an earlier count to who has just done the last task", async () => {
  const { waiting, state } = made(async () => 1);
  state.fills.value = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(waiting.count.value).toBe(1);
  state.status.value = { kind: "done" };
  expect(waiting.count.value).toBeNull();
});

it("looks again soon after another task came, and seldom else", async () => {
  const { state, asked } = made(async () => 3);
  state.fills.value = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked()).toBe(1);
  state.task.value = { id: "two", state: "in_progress" } as TaskRow;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
});

it("says that nobody answers, and that somebody does again", async () => {
  let gone = true;
  const { waiting, state } = made(async () => {
    if (gone) throw new Error("gone");
    return 1;
  });
  state.fills.value = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(waiting.lost.value).toBe(true);
  gone = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(waiting.lost.value).toBe(false);
});

it("asks nothing for a page that nobody looks at, nor for one that is gone", async () => {
  const { state, page, ended, asked } = made(async () => 1);
  page.hidden = true;
  state.fills.value = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(0);
  page.hidden = false;
  ended.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(0);
});
