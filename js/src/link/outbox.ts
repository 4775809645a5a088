import type { Applied, Edit, Refused } from "../document/types.ts";
import type { Journal } from "./journal.ts";

/** What the badge in the header says. */
export type SaveState =
  | { readonly state: "saved" }
  | { readonly state: "saving"; readonly count: number }
  | { readonly state: "kept"; readonly count: number; readonly reason: string };

const KEPT_AFTER_MS = 4000;
const RESEND_AFTER_MS = 3000;
const MOST_RESEND_MS = 30000;
/** Answers that something came early arrive in swarms; one sending is enough for all of them. */
const EARLY_MS = 50;
/** The kernel's websocket closes without a word on messages of 10 MiB. */
const MESSAGE_BYTES = 4 * 1024 * 1024;
const encoder = new TextEncoder();
/** Bytes of edits as JSON: the same ones are sent again and again until they are acknowledged. */
const sizes = new WeakMap<Edit, number>();

interface Pending {
  readonly edit: Edit;
  readonly since: number;
}

export interface OutboxOptions {
  readonly journal: Journal;
  readonly send: (edits: readonly Edit[]) => void;
  readonly onState: (state: SaveState) => void;
  readonly onRefused: (refused: Refused, edit: Edit) => void;
  readonly now?: () => number;
}

/**
 * Edits on their way to the store. Each is put in the journal and sent at once, sent again until it
 * is acknowledged, and only then forgotten; the store knows an edit by its id, so that sending twice
 * does no harm.
 */
export class Outbox {
  private readonly pending = new Map<string, Pending>();
  /** Revisions that the store is known to have reached, of annotations with edits on their way. */
  private readonly reached = new Map<string, number>();
  /** Edits that were refused: what builds on them has nothing to wait for. */
  private readonly dead = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private early: ReturnType<typeof setTimeout> | undefined;
  private badge: ReturnType<typeof setTimeout> | undefined;
  private wait = RESEND_AFTER_MS;
  private lost = "";
  private readonly now: () => number;

  constructor(private readonly options: OutboxOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.pending.size;
  }

  has(edit: string): boolean {
    return this.pending.has(edit);
  }

  /** Is an edit of this annotation still on its way? */
  touches(annotation: string): boolean {
    for (const { edit } of this.pending.values()) if (edit.annotation === annotation) return true;
    return false;
  }

  /** The edits of a task that are still on their way, in order. */
  of(task: string): Edit[] {
    return [...this.pending.values()].map((one) => one.edit).filter((edit) => edit.task === task);
  }

  /** Take over what the journal kept from before. */
  async recover(): Promise<void> {
    const edits = (await this.options.journal.entries()).filter(
      (edit) => !this.pending.has(edit.id),
    );
    if (edits.length === 0) return;
    for (const edit of edits) this.pending.set(edit.id, { edit, since: this.now() });
    this.transmit(edits);
    this.report();
  }

  add(edits: readonly Edit[]): void {
    const since = this.now();
    for (const edit of edits) this.pending.set(edit.id, { edit, since });
    this.options.journal.put(edits).catch(() => {
      this.lost = "This browser could not keep a copy (its storage is full or closed).";
      this.report();
    });
    this.transmit(edits);
    this.report();
  }

  applied(edits: readonly Applied[]): void {
    for (const { annotation, revision } of edits)
      this.reached.set(annotation, Math.max(revision, this.reached.get(annotation) ?? 0));
    this.settle(edits.map((edit) => edit.id));
  }

  refused(edits: readonly Refused[]): void {
    this.end(edits.filter((refused) => refused.reason !== "early"));
    const early = edits.filter(({ id, reason }) => reason === "early" && this.pending.has(id));
    if (early.length === 0) return;
    const { coming, lacking } = this.prospects(early);
    const gesture = ({ id }: Refused) => gestureOf(this.pending.get(id)?.edit);
    const soon = early.some((refused) => coming.has(gesture(refused)));
    const never = (name: string) => !coming.has(name) && lacking.has(name);
    // Nothing is on its way that these could wait for: what they build on was refused or lost.
    this.end(early.filter((refused) => never(gesture(refused))));
    if (soon) this.early ??= setTimeout(() => this.resend(), EARLY_MS);
  }

  /** A part of these has arrived: they are on their way, however long it takes. */
  progressed(edits: readonly Edit[]): void {
    const since = this.now();
    for (const { id } of edits) {
      const one = this.pending.get(id);
      if (one) this.pending.set(id, { ...one, since });
    }
    this.lost = "";
    this.wait = RESEND_AFTER_MS;
    this.schedule();
    this.report();
  }

  /** Send again all that is not acknowledged. */
  resend(): void {
    clearTimeout(this.early);
    this.early = undefined;
    this.transmit([...this.pending.values()].map((one) => one.edit));
    this.report();
  }

  /** The connection is known to be down: say so at once instead of after a while. */
  disconnected(reason: string): void {
    this.lost = reason;
    this.report();
  }

  connected(): void {
    this.lost = "";
    this.wait = RESEND_AFTER_MS;
    if (this.pending.size > 0) this.resend();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.early);
    clearTimeout(this.badge);
  }

  private end(edits: readonly Refused[]): void {
    const mine = edits.flatMap((refused) => {
      const edit = this.pending.get(refused.id)?.edit;
      return edit ? [{ refused, edit }] : [];
    });
    for (const { edit } of mine) this.dead.add(edit.id);
    this.settle(mine.map(({ edit }) => edit.id));
    for (const { refused, edit } of mine) this.options.onRefused(refused, edit);
  }

  /**
   * Gestures on their way that build on an edit which is coming before them, and those that build on
   * one that the store lacks. An answer may be older than what was acknowledged since.
   */
  private prospects(early: readonly Refused[]): { coming: Set<string>; lacking: Set<string> } {
    const there = new Map(this.reached);
    for (const { annotation, revision = 0 } of early)
      there.set(annotation, Math.max(revision, there.get(annotation) ?? 0));
    const coming = new Set<string>();
    const lacking = new Set<string>();
    const touched = new Map<string, string>();
    for (const { edit } of this.pending.values()) {
      const gesture = gestureOf(edit);
      const before = touched.get(edit.annotation);
      touched.set(edit.annotation, gesture);
      if (before === gesture) continue;
      if (before !== undefined) coming.add(gesture);
      const orphan = edit.parent !== undefined && this.dead.has(edit.parent);
      if (orphan || edit.base > (there.get(edit.annotation) ?? 0)) lacking.add(gesture);
    }
    return { coming, lacking };
  }

  private settle(ids: readonly string[]): void {
    const mine = ids.filter((id) => this.pending.delete(id));
    if (ids.length > 0) void this.options.journal.drop(ids).catch(() => undefined);
    if (mine.length > 0) {
      this.wait = RESEND_AFTER_MS;
      this.lost = "";
      this.schedule();
    }
    this.report();
  }

  private transmit(edits: readonly Edit[]): void {
    for (const batch of batches(edits)) this.options.send(batch);
    // Who goes on drawing must not put off what was lost.
    if (this.timer === undefined) this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.pending.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.wait = Math.min(this.wait * 1.5, MOST_RESEND_MS);
      this.resend();
    }, this.wait);
  }

  private report(): void {
    const count = this.pending.size;
    clearTimeout(this.badge);
    if (count === 0) {
      this.schedule();
      this.reached.clear();
      this.options.onState({ state: "saved" });
      return;
    }
    const [first] = this.pending.values();
    const age = this.now() - (first?.since ?? 0);
    if (this.lost) this.options.onState({ state: "kept", count, reason: this.lost });
    else if (age >= KEPT_AFTER_MS) {
      const reason = "The kernel does not answer: it is busy, restarting or gone.";
      this.options.onState({ state: "kept", count, reason });
    } else {
      this.options.onState({ state: "saving", count });
      this.badge = setTimeout(() => this.report(), KEPT_AFTER_MS - age + 10);
    }
  }
}

function gestureOf(edit: Edit | undefined): string {
  return edit?.gesture ?? edit?.id ?? "";
}

/** Edits in messages that the websocket takes; the edits of one gesture stay together. */
export function batches(edits: readonly Edit[]): Edit[][] {
  const result: Edit[][] = [];
  let bytes = 0;
  for (const gesture of gestures(edits)) {
    const size = gesture.reduce((sum, edit) => sum + sizeOf(edit), 0);
    const batch = result.at(-1);
    if (batch && bytes + size <= MESSAGE_BYTES) {
      batch.push(...gesture);
      bytes += size;
    } else {
      result.push(gesture);
      bytes = size;
    }
  }
  return result;
}

function sizeOf(edit: Edit): number {
  let size = sizes.get(edit);
  if (size === undefined) {
    // And the comma behind it.
    size = encoder.encode(JSON.stringify(edit)).length + 1;
    sizes.set(edit, size);
  }
  return size;
}

/** Edits that follow one another and belong together. */
function gestures(edits: readonly Edit[]): Edit[][] {
  const result: Edit[][] = [];
  for (const edit of edits) {
    const last = result.at(-1);
    if (last && gestureOf(last[0]) === gestureOf(edit)) last.push(edit);
    else result.push([edit]);
  }
  return result;
}
