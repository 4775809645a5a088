import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Kernel } from "./kernel.ts";
import { Thumbnails } from "./thumbnails.ts";
import type { FromKernel } from "./wire.ts";

let urls = 0;
let revoked: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  urls = 0;
  revoked = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${++urls}`);
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function connect() {
  const sent: { items: string[]; request: number }[] = [];
  let hear = (_: FromKernel, __?: DataView[]): void => undefined;
  const channel = {
    send: (content: unknown) => void sent.push(content as (typeof sent)[number]),
    on: (_: string, callback: (...args: never[]) => void) => {
      hear = callback as typeof hear;
    },
    off: () => undefined,
  };
  const changed = vi.fn();
  const kernel = new Kernel(channel, new AbortController().signal);
  const thumbnails = new Thumbnails(kernel, changed);
  const arrive = (item: string, request = sent.at(-1)?.request ?? 0) =>
    hear({ type: "thumbnail", request, item, mime: "image/jpeg" }, [
      new DataView(new ArrayBuffer(3)),
    ]);
  return { sent, thumbnails, changed, arrive, hear: (message: FromKernel) => hear(message) };
}

describe("Thumbnails", () => {
  it("are asked for in bunches, once what is on the screen has come to rest", () => {
    const { sent, thumbnails } = connect();
    thumbnails.want(["a", "b"]);
    vi.advanceTimersByTime(30);
    thumbnails.want(["b", "c"]);
    vi.advanceTimersByTime(59);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(sent.map((one) => one.items)).toEqual([["b", "c"]]);
  });

  it("are asked for once, and shown as they get ready", () => {
    const { sent, thumbnails, changed, arrive } = connect();
    thumbnails.want(["a", "b"]);
    vi.advanceTimersByTime(60);
    thumbnails.want(["a", "b"]);
    vi.advanceTimersByTime(60);
    expect(sent).toHaveLength(1);
    arrive("b");
    arrive("a");
    expect(thumbnails.get("b")).toEqual({ url: "blob:1" });
    expect(thumbnails.get("a")).toEqual({ url: "blob:2" });
    expect(changed).toHaveBeenCalledTimes(2);
    thumbnails.want(["a", "b"]);
    vi.advanceTimersByTime(60);
    expect(sent).toHaveLength(1);
  });

  it("that cannot be made say why, and are not asked for again", () => {
    const { sent, thumbnails, hear } = connect();
    thumbnails.want(["a"]);
    vi.advanceTimersByTime(60);
    hear({ type: "thumbnail", request: 1, item: "a", error: "Damaged." });
    expect(thumbnails.get("a")).toEqual({ error: "Damaged." });
    thumbnails.want(["a"]);
    vi.advanceTimersByTime(60);
    expect(sent).toHaveLength(1);
  });

  it("are asked for again when the asking failed", async () => {
    const { sent, thumbnails, hear } = connect();
    thumbnails.want(["a"]);
    vi.advanceTimersByTime(60);
    hear({ type: "failed", request: 1, error: { kind: "SourceError", message: "" } });
    await vi.advanceTimersByTimeAsync(0);
    thumbnails.want(["a"]);
    vi.advanceTimersByTime(60);
    expect(sent).toHaveLength(2);
  });

  it("of long ago make room, and give their memory back", () => {
    const { thumbnails, arrive } = connect();
    const items = Array.from({ length: 402 }, (_, i) => `i${i}`);
    thumbnails.want(items);
    vi.advanceTimersByTime(60);
    for (const item of items) arrive(item);
    expect(thumbnails.get("i0")).toBeUndefined();
    expect(thumbnails.get("i1")).toBeUndefined();
    expect(thumbnails.get("i2")).toBeDefined();
    expect(revoked).toEqual(["blob:1", "blob:2"]);
  });

  it("give all memory back at the end, and ask for nothing more", () => {
    const { sent, thumbnails, arrive } = connect();
    thumbnails.want(["a"]);
    vi.advanceTimersByTime(60);
    arrive("a");
    thumbnails.want(["b"]);
    thumbnails.dispose();
    vi.advanceTimersByTime(60);
    expect(revoked).toEqual(["blob:1"]);
    expect(sent).toHaveLength(1);
    expect(thumbnails.get("a")).toBeUndefined();
  });
});
