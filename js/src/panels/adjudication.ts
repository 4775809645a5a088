import { batch, computed, signal } from "@preact/signals";
import {
  answersTo,
  type Choice,
  choices,
  choosing,
  type Dispute,
  stepped,
  takenOf,
  taking,
  type Whose,
} from "../document/dispute.ts";
import type { Draft } from "../document/document.ts";
import type { Annotation } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { type Box, union } from "../geometry/box.ts";
import { jsonOf } from "../link/kernel.ts";
import type { Labels } from "./labels.ts";
import type { Room } from "./room.ts";
import { shapeSeen } from "./seen.ts";

/** Of people: told apart by everybody, on photographs and on grey. */
const COLORS = ["#56b4e9", "#e69f00", "#cc79a7", "#009e73", "#f0e442", "#d55e00", "#9e9ac8"];

/** What several people said of the open task, and what of it becomes the answer. */
export class Adjudication {
  readonly people = signal<readonly string[]>([]);
  /** Those that people agree least about first. */
  readonly disputes = signal<readonly Dispute[]>([]);
  /** The dispute that is looked at. */
  readonly at = signal<string | null>(null);
  /** The answer to it is drawn by hand: its keys are those of tools and classes. */
  readonly drawing = signal(false);
  /** Whose version is whose is not told. */
  readonly blind = signal(false);
  /** Versions lie over the picture. */
  readonly overlaid = signal(true);
  /** People whose versions are not seen. */
  readonly unseen = signal<ReadonlySet<string>>(new Set());
  /** Where people differ lies over the picture. */
  readonly heated = signal(false);
  readonly heat = signal(0.6);
  /** What was left out of the answer on purpose. */
  readonly leftOut = signal<ReadonlySet<string>>(new Set());
  /** What there is of each dispute in the answer. */
  readonly answers = computed(() => {
    void this.room.state.version.value;
    const { labels } = this.room;
    return answersTo(this.disputes.value, labels ? labels.document.all() : []);
  });
  private asked = 0;
  private readonly found = computed(() => {
    const all = this.room.review.opinions.value.flatMap(({ annotations }) => annotations);
    return new Map(all.map((one) => [one.id, one]));
  });

  constructor(private readonly room: Room) {}

  /** Are there opinions that this person settles? */
  get on(): boolean {
    return this.people.value.length > 0 && this.room.review.judges;
  }

  get current(): Dispute | null {
    const id = this.at.value;
    return this.disputes.value.find((one) => one.id === id) ?? null;
  }

  version(id: string): Annotation | undefined {
    return this.found.value.get(id);
  }

  /** What a person is called here. */
  nameOf(author: string): string {
    return this.blind.value ? `Person ${this.people.value.indexOf(author) + 1}` : author;
  }

  colorOf(author: string): string {
    const at = Math.max(0, this.people.value.indexOf(author));
    return COLORS[at % COLORS.length] as string;
  }

  choicesOf(dispute: Dispute, name: string): readonly Choice[] {
    return choices(dispute, name, (id) => this.version(id));
  }

  /** How a dispute stands: whose version is the answer, or that there is none. */
  standing(dispute: Dispute): "open" | "out" | string {
    const [here] = this.answers.value.get(dispute.id) ?? [];
    if (here) return takenOf(here) ?? "there";
    return this.leftOut.value.has(dispute.id) ? "out" : "open";
  }

  clear(): void {
    batch(() => {
      this.asked++;
      this.people.value = [];
      this.disputes.value = [];
      this.at.value = null;
      this.drawing.value = false;
      this.unseen.value = new Set();
      this.leftOut.value = new Set();
    });
  }

  async load(task: string): Promise<void> {
    const asked = ++this.asked;
    try {
      const { message, buffers } = await this.room.kernel.ask({ type: "adjudicate", task }, [
        "adjudication",
      ]);
      if (asked !== this.asked) return;
      batch(() => {
        this.people.value = message.people;
        this.disputes.value = jsonOf<readonly Dispute[]>(buffers[0]);
      });
    } catch (error) {
      this.room.complain(error);
    }
  }

  step(way: 1 | -1): void {
    const to = stepped(this.disputes.value, this.at.value, way);
    if (to) void this.go(to);
  }

  /** Look at a dispute from near, on the picture that it is on. */
  async go(dispute: Dispute): Promise<void> {
    const { room } = this;
    batch(() => {
      this.at.value = dispute.id;
      this.drawing.value = false;
    });
    room.choice.chooseTool("select");
    const frame = this.frameOf(dispute);
    if (frame !== null && frame !== room.frame) await room.panes.showFrame(frame);
    if (this.at.value !== dispute.id) return;
    this.select(dispute);
    for (const { stage } of room.panes.sides) stage.refresh();
    const box = this.boxOf(dispute);
    if (box) room.viewport.closeUp(box);
  }

  /** Go to the dispute of a label, whoever made it. */
  goToLabel(id: string): void {
    const found = this.disputes.value.find(({ versions }) => Object.values(versions).includes(id));
    if (found) void this.go(found);
  }

  private select(dispute: Dispute): void {
    const here = this.answers.value.get(dispute.id) ?? [];
    this.room.selection.select(here.filter((one) => one.class_name != null).map(({ id }) => id));
  }

  /** The picture of a group on which most is seen of a dispute: the one that is shown, if any is. */
  private frameOf(dispute: Dispute): number | null {
    const { room } = this;
    if (room.frame === null) return null;
    const versions = this.seen(dispute);
    if (versions.some((one) => room.presence.isHere(one))) return room.frame;
    return versions[0] ? room.presence.frameOf(versions[0]) : null;
  }

  /** All that people have of a dispute, and what it comes to. */
  private seen(dispute: Dispute): Annotation[] {
    const made = Object.values(dispute.versions).flatMap((id) => this.version(id) ?? []);
    return dispute.fused ? [...made, dispute.fused] : made;
  }

  private boxOf(dispute: Dispute): Box | null {
    const shapes = this.seen(dispute).map((one) => shapeSeen(one, this.room.frame));
    return union(shapes.map((shape) => (shape ? bounds(shape) : null)));
  }

  // What becomes the answer; each is one gesture

  /** A version becomes the answer to the dispute that is looked at. */
  take(whose: Whose): void {
    const { current } = this;
    if (!current) return;
    const drafts = this.taking(current, whose);
    if (drafts.length > 0) this.commit(drafts, current);
    else if (whose === "fused") this.room.board.say("No place is common to enough of them.");
    else this.room.board.say(`${this.nameOf(whose.author)} has none here.`);
  }

  /** The version of the nth person, from 0. */
  takeOf(index: number): void {
    const author = this.people.value[index];
    if (author !== undefined) this.take({ author });
  }

  /** All that a person has becomes the answer; what else there is stays. */
  takeAll(whose: Whose): void {
    const drafts = this.disputes.value.flatMap((dispute) => {
      // What was settled by hand is not undone by what all come to.
      const open = whose !== "fused" || (dispute.kept && this.standing(dispute) === "open");
      return open ? this.taking(dispute, whose) : [];
    });
    if (drafts.length > 0) this.commit(drafts, null);
    else this.room.board.say("There is nothing to take.");
  }

  /** There is no such object. */
  leaveOut(): void {
    const { current } = this;
    if (!current) return;
    this.leftOut.value = new Set([...this.leftOut.value, current.id]);
    const here = this.answers.value.get(current.id) ?? [];
    const gone = here.map(({ id }): Draft => ({ kind: "delete", annotation: id }));
    if (gone.length > 0) this.commit(gone, null);
    this.room.selection.select([]);
  }

  /** The answer is drawn by hand: what all come to is what one begins with. */
  draw(): void {
    const { current } = this;
    if (!current) return;
    if (!this.answers.value.has(current.id)) {
      const [first] = Object.keys(current.versions);
      const fused = this.taking(current, "fused");
      this.commit(
        fused.length > 0 || !first ? fused : this.taking(current, { author: first }),
        current,
      );
    }
    this.select(current);
    this.drawing.value = true;
  }

  /** One of the values that people gave becomes the answer to one question. */
  choose(dispute: Dispute, name: string, choice: Choice): void {
    const { labels } = this.room;
    if (!labels) return;
    const here = this.answers.value.get(dispute.id) ?? [];
    const find = (id: string) => this.version(id);
    this.commit(choosing(dispute, name, choice, find, here, labels.imageId), dispute);
  }

  private taking(dispute: Dispute, whose: Whose): Draft[] {
    const { labels } = this.room;
    if (!labels) return [];
    const here = this.answers.value.get(dispute.id) ?? [];
    return taking(dispute, whose, (id) => this.version(id), here, labels.imageId);
  }

  private commit(drafts: readonly Draft[], about: Dispute | null): void {
    const labels: Labels | null = this.room.labels;
    if (!labels || drafts.length === 0 || !labels.together(drafts) || !about) return;
    this.leftOut.value = new Set([...this.leftOut.value].filter((id) => id !== about.id));
    this.select(about);
  }
}
