import type { Notice, NoticeAction, State } from "./state.ts";

const SHOWN_MS = 6000;
const MOST = 3;

/** Short sentences about what just happened; each leaves by itself. */
export class NoticeBoard {
  private last = 0;

  constructor(private readonly state: State) {}

  /** The number of the last notice, by which it can be dismissed. */
  get latest(): number {
    return this.last;
  }

  say(text: string, kind: Notice["kind"] = "info", ...actions: NoticeAction[]): void {
    const { notices } = this.state;
    const id = ++this.last;
    const others = notices.value.filter((notice) => notice.text !== text).slice(1 - MOST);
    notices.value = [...others, { id, text, kind, actions }];
    // What went wrong stays longer, and what can still be acted upon.
    const times = actions.length > 0 ? 4 : kind === "warning" ? 2 : 1;
    setTimeout(() => this.dismiss(id), times * SHOWN_MS);
  }

  /** Another picture is open: what was said of the one before is no longer of use. */
  clear(): void {
    this.state.notices.value = this.state.notices.value.filter(({ actions }) => actions.length > 0);
  }

  dismiss(id: number): void {
    this.state.notices.value = this.state.notices.value.filter((notice) => notice.id !== id);
  }
}
