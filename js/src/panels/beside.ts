import { bytesOf, jsonOf, type Kernel } from "../link/kernel.ts";
import type { FromKernel, OpenedBody } from "../link/wire.ts";

type Opened = Extract<FromKernel, { type: "opened" }>;

/** A task as it was when it was looked at. */
export interface Seen {
  readonly message: Opened;
  readonly body: OpenedBody;
  readonly bytes: Uint8Array;
}

/**
 * The neighbours of the task that is shown, looked at before anybody goes there: then they are
 * shown at once, and the kernel is asked meanwhile whether anything has changed. Looking claims
 * nothing.
 */
export class Beside {
  private of: string | null = null;
  private readonly seen = new Map<number, Seen>();

  constructor(private readonly kernel: Kernel) {}

  /** Look at what lies beside a task. */
  async look(task: string): Promise<void> {
    this.of = task;
    this.seen.clear();
    for (const step of [1, -1]) {
      try {
        const { message, buffers } = await this.kernel.ask(
          { type: "open", task, step, ahead: true },
          ["opened"],
        );
        if (this.of !== task) return;
        if (message.task) this.seen.set(step, seenOf(message, buffers[0]));
      } catch {
        // Whoever goes there asks again, and is told why.
        return;
      }
    }
  }

  /** The neighbour so many places on, if it was looked at. */
  take(task: string, step: number): Seen | null {
    return this.of === task ? (this.seen.get(step) ?? null) : null;
  }

  /** They have changed: what was seen of them is no longer true. */
  forget(tasks: ReadonlySet<string>): void {
    for (const [step, { message }] of this.seen)
      if (message.task && tasks.has(message.task.id)) this.seen.delete(step);
  }
}

export function seenOf(message: Opened, buffer: DataView | undefined): Seen {
  return { message, body: jsonOf<OpenedBody>(buffer), bytes: bytesOf(buffer) };
}

/** Is a task as it was seen, its labels byte for byte? */
export function isAsSeen(seen: Seen, message: Opened, buffer: DataView | undefined): boolean {
  const said = ({ task, item, index, total }: Opened) => JSON.stringify([task, item, index, total]);
  const bytes = bytesOf(buffer);
  return (
    said(seen.message) === said(message) &&
    bytes.length === seen.bytes.length &&
    bytes.every((byte, at) => byte === seen.bytes[at])
  );
}
