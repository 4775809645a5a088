import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { newId } from "../document/ids.ts";
import type { Annotation, XY } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { type Change, differences } from "../geometry/difference.ts";
import { pinTo, placeIn } from "../geometry/pins.ts";
import { jsonOf } from "../link/kernel.ts";
import type { Issue, Opinion, ReviewBody, ReviewInfo } from "../link/review_wire.ts";
import type { Judging } from "./keys.ts";
import type { Room } from "./room.ts";
import { shapeSeen } from "./seen.ts";

/** Where an issue is that is still to be put into words. */
export interface Raising {
  readonly annotation: string | null;
  readonly at: XY | null;
}

export interface Pin {
  readonly issue: Issue;
  readonly number: number;
  readonly at: XY;
  /** It was raised on another frame of its object. */
  readonly elsewhere: boolean;
}

const NOTHING: ReadonlyMap<string, readonly Change[]> = new Map();

/** What is known of a task that is to be judged, before the kernel has said more. */
const TO_JUDGE: ReviewInfo = {
  ...{ task_id: "", stage: "", kind: "review", actions: ["accept", "reject"], strict: false },
  ...{ tags: [], maker: null, rounds: 0, verdicts: [], issues: [] },
};

/** How the open task is judged: the verdict that is being made, what changed, and the issues. */
export class Review {
  readonly info = signal<ReviewInfo | null>(null);
  /** What the maker handed in; null where this person does not judge. */
  readonly before = signal<readonly Annotation[] | null>(null);
  readonly opinions = signal<readonly Opinion[]>([]);
  readonly score = signal<number | null>(null);
  readonly comment = signal("");
  readonly tags = signal<ReadonlySet<string>>(new Set());
  /** The issue whose thread is open. */
  readonly thread = signal<string | null>(null);
  readonly raising = signal<Raising | null>(null);
  /** What is seen beside the labels: nothing, what the maker handed in, or opinions. */
  readonly compared = signal<"nothing" | "before" | "opinions" | string>("nothing");
  /** Each maker has a pane beside the labels; else their labels lie over the picture. */
  readonly beside = signal(false);
  /** From the left edge to here the other labels are seen, from here on those that are; 0 to 1. */
  readonly wipe = signal(0.5);
  /** What was changed of each object since its maker handed it in. */
  readonly changes = computed(() => {
    void this.room.state.version.value;
    const before = this.before.value;
    const labels = this.room.labels;
    return before && labels ? differences(before, labels.document.all()) : NOTHING;
  });
  private asked = 0;
  /** Ends once what is known of the open task is here. */
  private loaded: Promise<void> = Promise.resolve();
  /** Which task is asked about. */
  private task: string | null = null;
  /** Which task has its verdict, as long as the next one is on its way. */
  private leaving: string | null = null;
  /**
   * What the open task is like until more is known: as the one before, or what the notebook began
   * with. Keys and panels are as they will be, so that no letter means something else meanwhile.
   */
  private readonly expected = signal<ReviewInfo | null>(null);

  constructor(
    private readonly room: Room,
    ended: AbortSignal,
  ) {
    const { state } = room;
    let known = "";
    const stop = effect(() => {
      const task = state.task.value;
      const key = task ? `${task.id} ${task.state}` : "";
      if (key === known) return;
      known = key;
      untracked(() => {
        this.loaded = this.load(task?.id ?? null);
      });
    });
    ended.addEventListener("abort", stop);
    room.kernel.listen((message) => {
      if (message.type === "issue" && message.issue.task_id === this.info.value?.task_id)
        this.take(message.issue);
    });
  }

  /** The first task is one that this person judges, or is not. */
  begin(judges: boolean): void {
    this.expected.value = judges ? TO_JUDGE : null;
  }

  /** What is known of the open task, or to be expected of it. */
  get about(): ReviewInfo | null {
    return this.info.value ?? (this.room.state.task.value ? this.expected.value : null);
  }

  /** May this person accept the open task? */
  get judges(): boolean {
    return this.about?.actions.includes("accept") ?? false;
  }

  /** What is done with the open task, which some keys depend on. */
  get judging(): Judging {
    const { adjudication } = this.room;
    return { judges: this.judges, settles: adjudication.on && !adjudication.drawing.value };
  }

  get rejects(): boolean {
    return this.about?.actions.includes("reject") ?? false;
  }

  /** The verdict that gave the task back to its maker, while it is there. */
  get returned() {
    const { info } = this;
    const last = info.value?.verdicts.at(-1);
    return last?.kind === "reject" && !this.judges && info.value?.kind === "annotate" ? last : null;
  }

  private async load(task: string | null): Promise<void> {
    // Until the next one is there, keys are about a task that is judged.
    if (task && task === this.leaving) return;
    const asked = ++this.asked;
    if (this.task !== task) this.clear();
    this.task = task;
    if (!task) return;
    try {
      const { message, buffers } = await this.room.kernel.ask({ type: "review", task }, ["review"]);
      if (asked !== this.asked) return;
      const body = buffers[0] ? jsonOf<ReviewBody>(buffers[0]) : null;
      const judged = this.info.value !== null && this.judges;
      batch(() => {
        this.info.value = message;
        this.before.value = body?.before ?? null;
        this.opinions.value = body?.opinions ?? [];
        this.room.state.mayFix.value = this.judges && !message.strict;
        // One that has a verdict now says nothing of the next one.
        if (this.judges)
          this.expected.value = { ...message, maker: null, rounds: 0, verdicts: [], issues: [] };
        else if (!judged) this.expected.value = null;
      });
      if (body?.opinions.length) await this.room.adjudication.load(task);
    } catch (error) {
      this.room.complain(error);
    }
  }

  private clear(): void {
    batch(() => {
      this.info.value = null;
      this.before.value = null;
      this.opinions.value = [];
      this.score.value = null;
      this.comment.value = "";
      this.tags.value = new Set();
      this.thread.value = null;
      this.raising.value = null;
      this.compared.value = "nothing";
      this.room.state.mayFix.value = false;
      this.room.adjudication.clear();
    });
  }

  async judge(verdict: "accept" | "reject"): Promise<void> {
    const { room } = this;
    const task = room.state.task.value;
    // A task that is taken in hand meanwhile is asked about once more.
    for (let last: unknown; !this.info.value && last !== this.loaded; ) {
      last = this.loaded;
      await this.loaded;
    }
    if (!task || task.id !== this.info.value?.task_id) return;
    if (!(verdict === "accept" ? this.judges : this.rejects) || this.leaving === task.id) return;
    if (!(await room.saving.settled(task.id))) {
      room.board.say("Not judged: some changes are not saved yet.", "warning");
      return;
    }
    this.leaving = task.id;
    try {
      await room.kernel.ask(
        {
          type: "judge",
          task: task.id,
          verdict,
          score: this.score.value,
          comment: this.comment.value.trim() || null,
          tags: [...this.tags.value],
        },
        ["moved"],
      );
      const done = verdict === "accept" ? "accepted" : "given back to its maker";
      await room.desk.open(null);
      room.board.say(`“${task.title}” is ${done}.`);
      room.focus();
    } catch (error) {
      room.complain(error);
    } finally {
      if (this.leaving === task.id) this.leaving = null;
      // No other follows: this one stays, with what was said of it.
      if (room.state.task.value?.id === task.id) this.loaded = this.load(task.id);
    }
  }

  /** Accept the tasks of a list as they are. */
  async acceptAll(tasks: readonly string[]): Promise<void> {
    const { room } = this;
    try {
      const { message } = await room.kernel.ask({ type: "acceptall", tasks }, ["acceptedall"]);
      const [first] = message.left;
      const left = first ? ` ${message.left.length} were not: ${first.reason}` : "";
      await room.desk.open(null);
      room.board.say(`${message.accepted} accepted.${left}`, left ? "warning" : "info");
    } catch (error) {
      room.complain(error);
    }
  }

  toggleTag(tag: string): void {
    const tags = new Set(this.tags.value);
    if (!tags.delete(tag)) tags.add(tag);
    this.tags.value = tags;
  }

  /** What lies over the picture beside the labels, with the name of whose it is. */
  get others(): readonly Opinion[] {
    const compared = this.compared.value;
    const before = this.before.value;
    if (compared === "before")
      return before ? [{ author: this.info.value?.maker ?? "maker", annotations: before }] : [];
    if (compared === "opinions") return this.opinions.value;
    return this.opinions.value.filter(({ author }) => author === compared);
  }

  /** Begin or end the look at what the maker handed in. */
  toggleCompared(): void {
    const { adjudication } = this.room;
    if (adjudication.on && !this.before.value) {
      adjudication.overlaid.value = !adjudication.overlaid.value;
      return;
    }
    const first = this.before.value ? "before" : "opinions";
    this.compared.value = this.compared.value === "nothing" ? first : "nothing";
  }

  /** Those whose labels can be seen beside the open ones: who gave opinions, else the maker. */
  get makers(): readonly Opinion[] {
    if (this.opinions.value.length > 0) return this.opinions.value;
    const before = this.before.value;
    return before ? [{ author: this.info.value?.maker ?? "maker", annotations: before }] : [];
  }

  /** See makers side by side, or overlaid. */
  toggleBeside(): void {
    if (this.makers.length === 0) return;
    this.beside.value = !this.beside.value;
    if (this.beside.value) this.room.state.linked.value = true;
  }

  // Issues

  /** An issue begins, on what is selected or where the pointer is; its words come next. */
  beginIssue(): void {
    const { state } = this.room;
    const [selected, more] = state.selection.value;
    const pointer = state.pointer.value;
    const annotation = selected && !more ? selected : null;
    const box = annotation && this.boxOf(annotation);
    const inside =
      pointer &&
      (!box ||
        (pointer[0] >= box.minX &&
          pointer[0] <= box.maxX &&
          pointer[1] >= box.minY &&
          pointer[1] <= box.maxY));
    const at: XY | null = box
      ? inside
        ? pinTo(box, pointer)
        : [0.5, 0.5]
      : annotation
        ? null
        : pointer;
    this.raising.value = { annotation, at };
    this.thread.value = null;
    state.sideOpen.value = true;
  }

  /** Say whether it was raised; what was not can be sent again. */
  async raise(text: string): Promise<boolean> {
    const task = this.room.state.task.value;
    const where = this.raising.value;
    if (!task || !where || !text.trim()) return false;
    const raised = await this.tell({
      type: "pin",
      task: task.id,
      id: newId(),
      comment: newId(),
      text: text.trim(),
      annotation: where.annotation,
      frame: this.room.frame,
      x: where.at?.[0] ?? null,
      y: where.at?.[1] ?? null,
    });
    if (raised && this.raising.value === where) this.raising.value = null;
    return raised;
  }

  async say(issue: string, how: "say" | "resolve" | "reopen", text: string): Promise<boolean> {
    if (how === "say" && !text.trim()) return false;
    return this.tell({ type: "say", issue, how, comment: newId(), text: text.trim() });
  }

  private async tell(message: Parameters<Room["kernel"]["ask"]>[0]): Promise<boolean> {
    try {
      // What it is then is heard by every page of the widget.
      await this.room.kernel.ask(message, ["issue"]);
      return true;
    } catch (error) {
      this.room.complain(error);
      return false;
    }
  }

  private take(issue: Issue): void {
    const info = this.info.value;
    if (!info) return;
    const known = info.issues.some(({ id }) => id === issue.id);
    const issues = known
      ? info.issues.map((one) => (one.id === issue.id ? issue : one))
      : [...info.issues, issue];
    this.info.value = { ...info, issues };
  }

  /** Open the thread of an issue, and go where it is. */
  open(issue: Issue): void {
    const { room } = this;
    this.raising.value = null;
    this.thread.value = issue.id;
    room.state.sideOpen.value = true;
    if (issue.frame !== null && issue.frame !== room.frame) void room.panes.showFrame(issue.frame);
    const id = issue.annotation_id;
    if (!id || !room.labels?.document.has(id)) return;
    room.choice.chooseTool("select");
    room.selection.select([id]);
    const box = room.stage.box(id);
    if (box) room.viewport.reveal(box);
  }

  /** Those that are open and to be seen in the picture that is shown. */
  pins(): Pin[] {
    const { frame } = this.room;
    const found: Pin[] = [];
    const issues = this.info.value?.issues ?? [];
    issues.forEach((issue, index) => {
      if (issue.state !== "open" || issue.x === null || issue.y === null) return;
      const elsewhere = issue.frame !== null && issue.frame !== (frame ?? 0);
      const box = issue.annotation_id && this.boxOf(issue.annotation_id);
      const at: XY = [issue.x, issue.y];
      if (box) found.push({ issue, number: index + 1, at: placeIn(box, at), elsewhere });
      else if (!issue.annotation_id && !elsewhere)
        found.push({ issue, number: index + 1, at, elsewhere });
    });
    return found;
  }

  /** The box of an object as it is seen on the picture that is shown. */
  private boxOf(id: string) {
    const { room } = this;
    const annotation = room.labels?.document.get(id);
    const geometry = annotation && shapeSeen(annotation, room.frame);
    return geometry ? bounds(geometry) : null;
  }
}
