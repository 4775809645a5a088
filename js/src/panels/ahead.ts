import { jsonOf } from "../link/kernel.ts";
import { opensFirst } from "../link/videos.ts";
import type { FromKernel, OpenedBody } from "../link/wire.ts";
import type { Room } from "./room.ts";

type Opened = Extract<FromKernel, { type: "opened" }>;

/** A task with its labels, its picture decoded or on its way. */
export interface Prepared {
  readonly message: Opened;
  readonly body: OpenedBody;
}

/** So many tasks are made ready before they are wanted. */
const MOST = 4;
const REMEMBERED = 30;
/** The kernel takes no more than a hundred names, those that are ready among them. */
const MOST_KNOWN = 90;

/** The tasks that come next, made ready so that going on waits neither for kernel nor decoder. */
export class Ahead {
  private ready: Prepared[] = [];
  /** Those that were taken last: the kernel may not have heard yet what became of them. */
  private taken: string[] = [];
  private filling = false;
  private disposed = false;

  constructor(
    private readonly room: Room,
    /** Tasks that are shown, or on their way to be handed in. */
    private readonly busy: () => readonly string[],
  ) {}

  dispose(): void {
    this.disposed = true;
  }

  /** The next task, if it is ready; it is the caller's then. */
  take(): Prepared | null {
    const next = this.ready.shift() ?? null;
    const id = next?.message.task?.id;
    if (id) this.forget(id);
    void this.fill();
    return next;
  }

  /** A task is shown: what is still being made ready of it comes too late. */
  forget(task: string): void {
    this.taken = [...this.taken.filter((one) => one !== task), task].slice(-REMEMBERED);
    this.ready = this.ready.filter((one) => one.message.task?.id !== task);
  }

  /** Its labels have changed: it has to be read again. */
  stale(tasks: ReadonlySet<string>): void {
    this.ready = this.ready.filter((one) => !tasks.has(one.message.task?.id ?? ""));
  }

  async fill(): Promise<void> {
    if (this.filling || !this.wanted) return;
    this.filling = true;
    try {
      while (this.wanted && this.ready.length < MOST) {
        const ready = this.ready.flatMap((one) => one.message.task?.id ?? []);
        const known = [...this.known(), ...ready];
        const { message, buffers } = await this.room.kernel.ask(
          { type: "open", task: null, ahead: true, known },
          ["opened"],
        );
        if (!message.task || !message.item) break;
        const prepared = { message, body: jsonOf<OpenedBody>(buffers[0]) };
        // Read and decoded beside the next question to the kernel. One that cannot be decoded is
        // shown with the reason, when its turn comes.
        if (!opensFirst(message.item))
          void this.room.pictures.get(message.item.id).catch(() => undefined);
        if (!this.known().includes(message.task.id)) this.ready.push(prepared);
      }
    } catch {
      // Whoever goes on asks again, and is told why.
    } finally {
      this.filling = false;
    }
  }

  /** Tasks that are not to come again: shown, left, or taken to be shown. */
  private known(): string[] {
    return [...new Set([...this.taken, ...this.busy()])].slice(-MOST_KNOWN);
  }

  private get wanted(): boolean {
    return !this.disposed && this.room.state.mode.value === "classification";
  }
}
