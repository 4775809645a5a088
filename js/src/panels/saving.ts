import { newId } from "../document/ids.ts";
import type { Applied, Edit, Refused } from "../document/types.ts";
import { LateJournal, openJournal } from "../link/journal.ts";
import type { Kernel } from "../link/kernel.ts";
import { Outbox } from "../link/outbox.ts";
import { Uploads } from "../link/uploads.ts";
import type { FromKernel } from "../link/wire.ts";
import type { Labels } from "./labels.ts";
import type { NoticeBoard } from "./notice_board.ts";
import type { Place, State } from "./state.ts";

const GONE = "The kernel is gone; run the cell again, or reload the page, when it is back.";
const PATIENCE_MS = 4000;
const LOOK_EVERY_MS = 100;

/** Brings this view's edits to the store, and the store's word about labels to this view. */
export class Saving {
  private readonly client = newId();
  private readonly outbox: Outbox;
  private readonly uploads: Uploads;
  private recovering = false;

  constructor(
    kernel: Kernel,
    private readonly place: Place,
    state: State,
    private readonly board: NoticeBoard,
    /** All that are shown. */
    private readonly labels: () => readonly Labels[],
    /** Open the task again: edits of an earlier life of this page have arrived. */
    private readonly onRecovered: () => void,
  ) {
    this.uploads = new Uploads({
      kernel,
      client: this.client,
      onProgress: (edits) => this.outbox.progressed(edits),
      onRefused: (edits, message) =>
        this.outbox.refused(edits.map((edit) => ({ ...refusalOf(edit), message }))),
    });
    this.outbox = new Outbox({
      journal: new LateJournal(openJournal(place.project, place.user)),
      send: (edits) => this.uploads.send(edits),
      onState: (save) => {
        state.save.value = save;
        if (save.state !== "saved" || !this.recovering) return;
        this.recovering = false;
        this.onRecovered();
      },
      onRefused: (refused, edit) => this.refused(refused, edit),
    });
    kernel.listen((message) => this.hear(message));
  }

  add(edits: readonly Edit[]): void {
    this.outbox.add(edits);
  }

  /** Send what the journal kept from an earlier life of this page. */
  async recover(): Promise<void> {
    await this.outbox.recover();
    this.recovering = this.outbox.size > 0;
  }

  /** Edits that are still on their way belong to what this view shows. */
  replay(labels: Labels): void {
    for (const edit of this.outbox.of(labels.document.task)) labels.document.replay(edit);
  }

  /** Wait a little for a task's edits to be durable; false if some are not. */
  async settled(task: string): Promise<boolean> {
    const until = performance.now() + PATIENCE_MS;
    while (this.outbox.of(task).length > 0) {
      if (performance.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }

  retry(): void {
    this.outbox.resend();
  }

  /** The line to the kernel is known to be down. */
  disconnected(): void {
    this.outbox.disconnected(GONE);
  }

  connected(): void {
    this.uploads.reconnected();
    this.outbox.connected();
  }

  dispose(): void {
    this.outbox.dispose();
  }

  private hear(message: FromKernel): void {
    if (message.type === "applied") {
      this.uploads.settled(message.edits.map((edit) => edit.id));
      this.applied(message.edits);
    } else if (message.type === "refused") {
      const final = message.edits.filter((edit) => edit.reason !== "early");
      this.uploads.settled(final.map((edit) => edit.id));
      this.outbox.refused(message.edits);
    } else if (message.type === "failed" && message.request === null) {
      this.board.say(message.error.message, "warning");
      this.outbox.disconnected(message.error.message);
    }
  }

  private applied(edits: readonly Applied[]): void {
    const pending = new Set(edits.filter((edit) => this.outbox.has(edit.id)).map(({ id }) => id));
    this.outbox.applied(edits);
    const isMine = (edit: Applied) => pending.has(edit.id) || edit.client === this.client;
    for (const labels of this.labels()) labels.applied(edits, isMine, this.place.user);
  }

  private refused(refused: Refused, edit: Edit): void {
    const here = this.labels().find((labels) => labels.document.task === edit.task);
    const mine = here?.refused(refused, edit) ?? {};
    if (refused.reason !== "conflict") {
      this.board.say(`Not saved: ${refused.message}`, "warning");
      return;
    }
    const name = here?.document.get(edit.annotation)?.class_name ?? "An object";
    const text = refused.current
      ? `${name} was changed elsewhere at the same time; that version is shown.`
      : `${name} was deleted elsewhere at the same time.`;
    const actions = here ? [{ label: "Use mine", run: () => here.insist(edit, mine) }] : [];
    this.board.say(text, "warning", ...actions);
  }
}

/** What the store would say of an edit that is too much for it. */
function refusalOf({ id, task, annotation }: Edit): Omit<Refused, "message"> {
  return { id, task, annotation, reason: "invalid" };
}
