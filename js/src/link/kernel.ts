import type { Applied } from "../document/types.ts";
import type { FromKernel, ToKernel } from "./wire.ts";

/** The part of a widget's model that the link needs. */
export interface Channel {
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback?: (...args: never[]) => void): void;
}

export type Answer<T extends FromKernel["type"]> = Extract<FromKernel, { type: T }>;

export interface Reply<T extends FromKernel> {
  readonly message: T;
  readonly buffers: readonly DataView[];
}

const GONE = "The kernel is gone. Run the cell again, or reload the page, when it is back.";

/** An error that the kernel answered with, or that no answer came. */
export class KernelError extends Error {
  constructor(
    message: string,
    readonly kind: string,
  ) {
    super(message);
  }
}

interface Waiting {
  readonly take: (message: FromKernel, buffers: readonly DataView[]) => boolean;
  readonly fail: (error: Error) => void;
}

/**
 * Edits whose values came apart, as bytes: those that a view made itself it has already, and of a
 * million points they are not read again for nothing.
 */
function withValues(message: Answer<"applied">, bytes: DataView | undefined): Answer<"applied"> {
  if (!bytes) return message;
  let values: readonly Applied["after"][] | undefined;
  const read = (i: number) => {
    values ??= jsonOf<readonly Applied["after"][]>(bytes);
    return values[i];
  };
  const edits = message.edits.map((edit, i) =>
    Object.defineProperty({ ...edit }, "after", { enumerable: true, get: () => read(i) }),
  );
  return { ...message, edits };
}

/** Requests with answers, and messages that come unasked, over a widget's custom messages. */
export class Kernel {
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<
    (message: FromKernel, buffers: readonly DataView[]) => void
  >();
  private readonly receive = (content: FromKernel, buffers: readonly DataView[] = []) => {
    const request = "request" in content ? content.request : null;
    const waiting = request == null ? undefined : this.waiting.get(request);
    if (waiting && request != null) {
      if (content.type === "failed") {
        this.waiting.delete(request);
        waiting.fail(new KernelError(content.error.message, content.error.kind));
      } else if (waiting.take(content, buffers)) this.waiting.delete(request);
    }
    const heard = content.type === "applied" ? withValues(content, buffers[0]) : content;
    for (const listener of [...this.listeners]) listener(heard, buffers);
  };

  constructor(
    private readonly channel: Channel,
    signal: AbortSignal,
    private readonly onLost: () => void = () => undefined,
  ) {
    const receive = this.receive as (...args: never[]) => void;
    channel.on("msg:custom", receive);
    signal.addEventListener("abort", () => {
      channel.off("msg:custom", receive);
      for (const one of this.waiting.values()) one.fail(new DOMException("closed", "AbortError"));
      this.waiting.clear();
    });
  }

  listen(listener: (message: FromKernel, buffers: readonly DataView[]) => void): void {
    this.listeners.add(listener);
  }

  tell(message: ToKernel, buffers?: ArrayBuffer[]): void {
    this.post(message, buffers);
  }

  /** Ask, and resolve with the answer of one of the wanted types; `hear` is told of all before it. */
  ask<T extends FromKernel["type"]>(
    message: ToKernel,
    wanted: readonly T[],
    signal?: AbortSignal,
    hear?: (message: FromKernel) => void,
  ): Promise<Reply<Answer<T>>> {
    if (signal?.aborted) return Promise.reject(new DOMException("cancelled", "AbortError"));
    const request = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, {
        take: (answer, buffers) => {
          if (!wanted.includes(answer.type as T)) {
            hear?.(answer);
            return false;
          }
          resolve({ message: answer as Answer<T>, buffers });
          return true;
        },
        fail: reject,
      });
      signal?.addEventListener("abort", () => {
        if (!this.waiting.delete(request)) return;
        this.tell({ type: "cancel", cancels: request });
        reject(new DOMException("cancelled", "AbortError"));
      });
      if (!this.post({ ...message, request })) {
        this.waiting.delete(request);
        reject(new KernelError(GONE, "Disconnected"));
      }
    });
  }

  /** Send; false where the line is known to be down, which throws in some front ends. */
  private post(message: unknown, buffers?: ArrayBuffer[]): boolean {
    try {
      if (buffers) this.channel.send(message, undefined, buffers);
      else this.channel.send(message);
      return true;
    } catch {
      this.onLost();
      return false;
    }
  }
}

/** A message's buffer as bytes that nobody else holds on to. */
export function bytesOf(view: DataView | undefined): Uint8Array<ArrayBuffer> {
  if (!view) return new Uint8Array();
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

export function jsonOf<T>(view: DataView | undefined): T {
  return JSON.parse(new TextDecoder().decode(bytesOf(view))) as T;
}

/** Was this given up on purpose? */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
