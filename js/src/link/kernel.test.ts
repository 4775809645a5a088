import { describe, expect, it, vi } from "vitest";
import type { Applied } from "../document/types.ts";
import { bytesOf, type Channel, jsonOf, Kernel, KernelError } from "./kernel.ts";
import type { FromKernel } from "./wire.ts";

/** A widget's model whose kernel answers what the test says. */
class Wire implements Channel {
  readonly sent: Record<string, unknown>[] = [];
  private readonly callbacks = new Set<(...args: never[]) => void>();

  send(content: unknown): void {
    this.sent.push(content as Record<string, unknown>);
  }
  on(_event: string, callback: (...args: never[]) => void): void {
    this.callbacks.add(callback);
  }
  off(_event: string, callback?: (...args: never[]) => void): void {
    if (callback) this.callbacks.delete(callback);
  }
  get listening(): number {
    return this.callbacks.size;
  }
  tell(message: FromKernel, buffers?: DataView[]): void {
    for (const callback of this.callbacks)
      (callback as (message: FromKernel, buffers?: DataView[]) => void)(message, buffers);
  }
}

function connect() {
  const wire = new Wire();
  const closing = new AbortController();
  return { wire, closing, kernel: new Kernel(wire, closing.signal) };
}

const pixels = (request: number, item = "i"): FromKernel => ({
  ...{ type: "pixels", request, item, mime: "image/png", width: 2, height: 1 },
});

describe("Kernel", () => {
  it("gives each request a number, and each its own answer", async () => {
    const { wire, kernel } = connect();
    const first = kernel.ask({ type: "pixels", item: "a" }, ["pixels"]);
    const second = kernel.ask({ type: "pixels", item: "b" }, ["pixels"]);
    expect(wire.sent).toEqual([
      { type: "pixels", item: "a", request: 1 },
      { type: "pixels", item: "b", request: 2 },
    ]);
    const view = new DataView(new Uint8Array([1, 2, 3]).buffer);
    wire.tell(pixels(2, "b"));
    wire.tell(pixels(1, "a"), [view]);
    expect((await first).message.item).toBe("a");
    expect((await first).buffers).toEqual([view]);
    expect((await second).message.item).toBe("b");
    expect((await second).buffers).toEqual([]);
  });

  it("waits for an answer of a type that it asked for", async () => {
    const { wire, kernel } = connect();
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"]);
    wire.tell({ type: "moved", request: 1, task: {} as never });
    wire.tell(pixels(1, "a"));
    expect((await asked).message.type).toBe("pixels");
  });

  it("fails with the kernel's own words", async () => {
    const { wire, kernel } = connect();
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"]);
    wire.tell({ type: "failed", request: 1, error: { kind: "ImageError", message: "Damaged." } });
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({ kind: "ImageError", message: "Damaged." });
  });

  it("reads values that came as bytes only when somebody wants them, and once", () => {
    const { wire, kernel } = connect();
    const edits: Applied[] = [];
    kernel.listen((message) => message.type === "applied" && edits.push(...message.edits));
    const head = (id: string): Applied => ({
      ...{ id, task: "t", kind: "update", annotation: "a", revision: 2 },
    });
    wire.tell({ type: "applied", edits: [head("a"), head("b")] }, [
      new DataView(new TextEncoder().encode('[{"frame":3},{"frame":4}]').buffer),
    ]);
    const parse = vi.spyOn(JSON, "parse");
    expect(edits.map((edit) => [edit.id, edit.revision])).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
    expect(parse).not.toHaveBeenCalled();
    expect(edits.map((edit) => edit.after?.frame)).toEqual([3, 4]);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
    wire.tell({ type: "applied", edits: [{ ...head("c"), after: { frame: 5 } }] });
    expect(edits[2]?.after).toEqual({ frame: 5 });
  });

  it("lets listeners hear all messages, asked for or not", () => {
    const { wire, kernel } = connect();
    const heard: string[] = [];
    kernel.listen((message) => heard.push(message.type));
    wire.tell({ type: "applied", edits: [] });
    wire.tell({ type: "failed", request: null, error: { kind: "LinkError", message: "" } });
    wire.tell(pixels(99));
    expect(heard).toEqual(["applied", "failed", "pixels"]);
  });

  it("an abort tells the kernel once, and the answer that comes after is nobody's", async () => {
    const { wire, kernel } = connect();
    const leaving = new AbortController();
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"], leaving.signal);
    leaving.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(wire.sent.slice(1)).toEqual([{ type: "cancel", cancels: 1 }]);
    wire.tell(pixels(1));
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });

  it("an abort after the answer sends nothing", async () => {
    const { wire, kernel } = connect();
    const leaving = new AbortController();
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"], leaving.signal);
    wire.tell(pixels(1));
    await asked;
    leaving.abort();
    expect(wire.sent).toHaveLength(1);
  });

  it("asks nothing that nobody waits for any more", async () => {
    const { wire, kernel } = connect();
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"], AbortSignal.abort());
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(wire.sent).toEqual([]);
  });

  it("hears nothing after it was closed, and who waits is told", async () => {
    const { wire, closing, kernel } = connect();
    const heard: string[] = [];
    kernel.listen((message) => heard.push(message.type));
    const asked = kernel.ask({ type: "pixels", item: "a" }, ["pixels"]);
    expect(wire.listening).toBe(1);
    closing.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(wire.listening).toBe(0);
    wire.tell(pixels(1));
    expect(heard).toEqual([]);
  });

  it("tells without a number", () => {
    const { wire, kernel } = connect();
    kernel.tell({ type: "cancel", cancels: 7 });
    expect(wire.sent).toEqual([{ type: "cancel", cancels: 7 }]);
  });
});

describe("buffers", () => {
  it("are read where they lie, in the middle of a larger one too", () => {
    const text = new TextEncoder().encode('..{"name":"café"}..');
    const view = new DataView(text.buffer, 2, text.length - 4);
    expect(jsonOf(view)).toEqual({ name: "café" });
    expect(bytesOf(view)).toHaveLength(text.length - 4);
    expect(bytesOf(undefined)).toHaveLength(0);
  });
});
