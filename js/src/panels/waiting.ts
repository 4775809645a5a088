import { effect, signal } from "@preact/signals";
import type { Kernel } from "../link/kernel.ts";
import type { State } from "./state.ts";

/** How long between two looks, in milliseconds: with nothing to do, and with something. */
const [IDLE, BUSY] = [5_000, 30_000];
/** A task that was handed in is no longer in the queue so long after the next one came. */
const SOON = 500;
/** A kernel that does not answer by then is busy or gone, and is asked again. */
const PATIENCE = 20_000;

/**
 * How many tasks wait for this person, looked at from time to time while the page is: who has
 * nothing to do is told when there is something, and takes it if they wish.
 */
export class Waiting {
  /** None as long as nobody needs to know. */
  readonly count = signal<number | null>(null);
  /** Nobody answers. */
  readonly lost = signal(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly state: Pick<State, "status" | "task" | "fills">,
    private readonly page: Pick<Document, "hidden" | "addEventListener">,
    private readonly signal: AbortSignal,
  ) {
    const stop = effect(() => {
      void this.state.task.value?.id;
      void this.state.task.value?.state;
      // What was counted before says nothing of now.
      if (this.nothing) this.count.value = null;
      if (this.wanted) this.in(SOON);
      else clearTimeout(this.timer);
    });
    page.addEventListener("visibilitychange", () => this.wanted && this.in(0), { signal });
    signal.addEventListener("abort", () => {
      stop();
      clearTimeout(this.timer);
    });
  }

  private get nothing(): boolean {
    return this.state.status.value.kind === "done";
  }

  /** Does it say anywhere how many there are? */
  private get wanted(): boolean {
    return this.nothing || this.state.fills.value;
  }

  private in(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), milliseconds);
  }

  private async look(): Promise<void> {
    if (this.page.hidden || this.asking || !this.wanted) return;
    this.asking = true;
    const patience = AbortSignal.any([this.signal, AbortSignal.timeout(PATIENCE)]);
    try {
      const { message } = await this.kernel.ask({ type: "queue" }, ["queue"], patience);
      this.count.value = message.waiting;
      this.lost.value = false;
    } catch {
      if (!this.signal.aborted) this.lost.value = true;
    } finally {
      this.asking = false;
    }
    if (!this.signal.aborted) this.in(this.nothing ? IDLE : BUSY);
  }
}
