import { answer, asked } from "../document/answers.ts";
import {
  type Commit,
  type Draft,
  type Intent,
  LabelDocument,
  valuesOf,
} from "../document/document.ts";
import { again, History, inverse, stepOf } from "../document/history.ts";
import { newId } from "../document/ids.ts";
import { isKeySlice } from "../document/key_slices.ts";
import { pieces } from "../document/pieces.ts";
import { renamed } from "../document/renames.ts";
import type {
  Annotation,
  Answers,
  Applied,
  Changed,
  Edit,
  Fields,
  Geometry,
  Gesture,
  Ontology,
  Origin,
  Refused,
  Step,
} from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { union } from "../geometry/box.ts";
import { stamped, type Times } from "../geometry/stamping.ts";
import { scaleOnImage, turnOnImage } from "../geometry/staying.ts";
import { withoutAnswers } from "../geometry/track_edits.ts";
import { answersAt } from "../geometry/track_standing.ts";
import { keepOnImage, onImage, type Size, translate } from "../geometry/transform.ts";
import type { OpenedBody } from "../link/wire.ts";
import type { Making } from "../tools/tool.ts";
import { answerDrafts, proposedAnswers } from "./labels/answers.ts";
import { copied } from "./labels/copies.ts";
import { changedTogether } from "./labels/together.ts";
import { begun, goneAt, onTrack, placed } from "./labels/tracks.ts";
import { seenAt } from "./seen.ts";

export interface LabelsListener {
  /** These edits were made here and have to become durable. */
  onEdits(edits: readonly Edit[]): void;
  onHistory(): void;
  /** Something was changed elsewhere that only opening the task again can show. */
  onMissed(): void;
  say(text: string): void;
}

const ELSEWHERE = "It is not in the picture on this frame: there is nothing to be said of it here.";
export const LOCKED = "Locked objects stay as they are. Unlock them first (Shift+L).";

/** What a person can do to the labels of one task; each call is one gesture. */
export class Labels {
  readonly document: LabelDocument;
  readonly history = new History();

  constructor(
    task: string,
    body: OpenedBody,
    private readonly listener: LabelsListener,
    /** Nothing may be changed: the task was submitted. */
    private readonly frozen: () => boolean,
    private readonly ontology: () => Ontology = () => ({}),
    /** The picture of a group that new labels are on. */
    private readonly frame: () => number | null = () => null,
    /** What is drawn now begins a track. */
    private readonly tracks: () => boolean = () => false,
    /** The last frame of a video. */
    private readonly lastFrame: () => number = () => Number.POSITIVE_INFINITY,
    private readonly times: Times = () => null,
  ) {
    this.document = new LabelDocument(task);
    this.document.load(body.annotations, body.deleted);
    this.history.load(body.undo, body.redo);
  }

  create(
    className: string,
    geometry: Geometry,
    attributes: Fields["attributes"] = {},
  ): string | null {
    const after: Fields = {
      class_name: className,
      geometry,
      ...(attributes && Object.keys(attributes).length > 0 ? { attributes } : {}),
    };
    return this.commit([{ kind: "create", after }])?.edits[0]?.annotation ?? null;
  }

  reshape(shapes: readonly (readonly [string, Geometry])[], origin?: Origin): void {
    this.commit(
      shapes.map(([annotation, geometry]) => ({
        kind: "update",
        annotation,
        after: { geometry, ...(origin && { origin }) },
      })),
    );
  }

  /** Make, change and take away objects in one gesture; returns the ids of those that were made. */
  change(
    making: readonly (Making & { readonly className: string })[],
    shapes: readonly (readonly [string, Geometry, (Origin | undefined)?])[],
    gone: readonly string[],
    also: readonly Draft[] = [],
  ): string[] {
    const touched = [...shapes.map(([id]) => id), ...gone];
    // All or nothing: half of a union would be a loss.
    if (this.unlocked(touched).length < touched.length) return [];
    const created = making.map(
      ({ className, geometry, attributes, origin, confidence, frame }) => ({
        kind: "create" as const,
        annotation: newId(),
        after: {
          class_name: className,
          geometry,
          ...(attributes && Object.keys(attributes).length > 0 && { attributes }),
          ...(origin && { origin }),
          ...(confidence !== undefined && { confidence }),
          ...(frame !== undefined && { frame }),
        },
      }),
    );
    const commit = this.commit([
      ...created,
      ...shapes.map(([annotation, geometry, origin]) => ({
        kind: "update" as const,
        annotation,
        after: { geometry, ...(origin && { origin }) },
      })),
      ...gone.map((id) =>
        goneAt(id, this.document.get(id)?.geometry, this.frame(), this.lastFrame()),
      ),
      ...also,
    ]);
    return commit ? created.map((one) => one.annotation) : [];
  }

  /** Do all of this in one gesture, or nothing where something of it is locked. */
  together(drafts: readonly Draft[]): boolean {
    const touched = drafts.flatMap((draft) =>
      draft.kind === "create" || !draft.annotation ? [] : [draft.annotation],
    );
    if (this.unlocked(touched).length < touched.length) return false;
    return this.commit(drafts) !== null;
  }

  remove(ids: readonly string[]): void {
    this.commit(this.unlocked(ids).map((annotation) => ({ kind: "delete", annotation })));
  }

  relabel(ids: readonly string[], className: string): void {
    const others = this.unlocked(ids).filter(
      (id) => this.document.get(id)?.class_name !== className,
    );
    // Answers belong to the questions of a class; those of another class would be strangers.
    this.commit(
      others.map((annotation) => {
        const geometry = this.document.get(annotation)?.geometry;
        const bare = geometry?.type === "track" ? withoutAnswers(geometry, () => true) : geometry;
        const after = { class_name: className, attributes: {} };
        return {
          kind: "update",
          annotation,
          after: bare && bare !== geometry ? { ...after, geometry: bare } : after,
        };
      }),
    );
  }

  answer(ids: readonly string[], name: string, value: string | readonly string[]): void {
    this.commit(
      this.unlocked(ids).flatMap((id) => {
        const one = this.document.get(id);
        if (!one) return [];
        const drafts = answerDrafts(one, name, value, this.ontology(), this.frame());
        if (!drafts) this.listener.say(ELSEWHERE);
        return drafts ?? [];
      }),
    );
  }

  /** The answers in force on the picture that is shown. */
  answers(id: string): Answers {
    const one = this.document.get(id);
    return one ? answersAt(one, this.frame()) : {};
  }

  /** Answer a question about the image as a whole. */
  answerImage(name: string, value: string | readonly string[]): void {
    const id = this.imageId;
    if (this.document.has(id)) {
      this.answer([id], name, value);
      return;
    }
    const attributes = asked(this.ontology().image_attributes ?? [], answer({}, name, value));
    const after: Fields = { class_name: null, geometry: { type: "tag" }, attributes };
    this.commit([{ kind: "create", annotation: id, after }]);
  }

  /** Answers about the image that a model proposed; see `proposedAnswers`. */
  proposed(making: readonly Making[]): ReturnType<typeof proposedAnswers> {
    const was = this.document.get(this.imageId);
    return proposedAnswers(this.imageId, was, making, this.ontology());
  }

  get imageId(): string {
    return this.document.imageId;
  }

  /** The tags of a class: statements about the image as a whole. */
  tagsOf(className: string): Annotation[] {
    return this.objects().filter(
      (one) => one.class_name === className && one.geometry.type === "tag",
    );
  }

  /** Say of the image that it is of a class, or take that back; returns the tag that was made. */
  toggleTag(className: string): string | null {
    const there = this.tagsOf(className);
    if (there.length > 0) {
      this.remove(there.map((one) => one.id));
      return null;
    }
    return this.create(className, { type: "tag" });
  }

  /** Say something of one picture of a group, by a tag that is on it alone. */
  mark(className: string, frame: number): void {
    const after: Fields = { class_name: className, geometry: { type: "tag" }, frame };
    this.commit([{ kind: "create", annotation: newId(), after }]);
  }

  /** The labels, without the answers about the image and the marks of key slices. */
  objects(): Annotation[] {
    return [...this.document.all()].filter((one) => one.class_name != null && !isKeySlice(one));
  }

  setLock(ids: readonly string[], locked: boolean): void {
    const state = locked ? "locked" : "editable";
    const others = ids.filter((id) => (this.document.get(id)?.state ?? "editable") !== state);
    this.commit(others.map((annotation) => ({ kind: "update", annotation, after: { state } })));
  }

  nudge(ids: readonly string[], dx: number, dy: number, size: Size): void {
    const shapes = this.shapes(ids);
    const box = union(shapes.map((one) => bounds(one.geometry)));
    if (!box) return;
    const [x, y] = keepOnImage(box, dx, dy, size);
    if (x !== 0 || y !== 0)
      this.reshape(shapes.map((one) => [one.id, translate(one.geometry, x, y)]));
  }

  /** Turn shapes together about the middle of their frame. */
  turn(ids: readonly string[], degrees: number, size: Size): void {
    this.whole(ids, (shapes, centre) => turnOnImage(shapes, centre, degrees, size));
  }

  /** Scale shapes together about the middle of their frame. */
  scale(ids: readonly string[], factor: number, size: Size): void {
    this.whole(ids, (shapes, centre) => scaleOnImage(shapes, centre, [factor, factor], size));
  }

  private whole(ids: readonly string[], change: Parameters<typeof changedTogether>[1]): void {
    const changed = changedTogether(this.shapes(ids), change);
    if (typeof changed === "string") this.listener.say(changed);
    else this.reshape(changed);
  }

  /** Move the right and lower sides of rectangles. */
  resize(ids: readonly string[], dx: number, dy: number, size: Size): void {
    const shapes = this.unlocked(ids).flatMap((id): [string, Geometry][] => {
      const geometry = this.here(id)?.geometry;
      if (geometry?.type !== "rectangle") return [];
      const width = Math.max(1, geometry.width + dx);
      const height = Math.max(1, geometry.height + dy);
      const made = { ...geometry, width, height };
      return onImage(made, size) ? [[id, made]] : [];
    });
    this.reshape(shapes);
  }

  /** Put copies in, moved a little so that they do not cover what they were copied from. */
  paste(copies: readonly Annotation[], offset: number, size: Size): string[] {
    const box = union(copies.map((one) => bounds(one.geometry)));
    const fits = !box || (box.maxX <= size.width + 1 && box.maxY <= size.height + 1);
    if (!fits) {
      this.listener.say("What was copied does not fit on this picture.");
      return [];
    }
    const [dx, dy] = box ? keepOnImage(box, offset, offset, size) : [0, 0];
    // An image is of a class or not: a tag that is there needs no copy.
    const wanted = copies.filter(
      (one) => one.geometry.type !== "tag" || this.tagsOf(one.class_name ?? "").length === 0,
    );
    const commit = this.commit(
      wanted.map(({ class_name = null, geometry, attributes = {} }) => ({
        kind: "create",
        after: { class_name, geometry: translate(geometry, dx, dy), attributes },
      })),
    );
    return commit?.edits.map((edit) => edit.annotation) ?? [];
  }

  /**
   * Copy what annotations have on a slice to another one: volume masks go on there, of all else
   * there is another object. Returns the ids of what is there now.
   */
  copyTo(ids: readonly string[], from: number, to: number): string[] {
    const drafts = this.unlocked(ids).flatMap((id) => {
      const one = this.document.get(id);
      return one ? copied(one, from, to, this.here(id)?.geometry) : [];
    });
    this.commit(drafts);
    return drafts.flatMap((draft) => draft.annotation ?? []);
  }

  /**
   * Take back the last gesture; returns the annotations it was about, or the id of a gesture that
   * only the store knows.
   */
  undo(): readonly string[] | { readonly past: string } {
    const gesture = this.history.nextUndo;
    if (!gesture) return [];
    if (!gesture.edits) return { past: gesture.id };
    return this.step(gesture, inverse(gesture), { undoes: gesture.id });
  }

  redo(): readonly string[] | { readonly past: string } {
    const gesture = this.history.nextRedo;
    if (!gesture) return [];
    if (!gesture.edits) return { past: gesture.id };
    return this.step(gesture, again(gesture), { redoes: gesture.id });
  }

  /** What the store says was done, by this person elsewhere or by another one. */
  applied(edits: readonly Applied[], mine: (edit: Applied) => boolean, user: string): void {
    const gestures = new Map<string, { steps: Step[]; edit: Applied }>();
    for (const edit of edits) {
      if (mine(edit) || edit.task !== this.document.task) continue;
      if (this.document.misses(edit)) {
        this.listener.onMissed();
        return;
      }
      const before = this.document.get(edit.annotation);
      if (!this.document.applyRemote(edit) || edit.actor !== user) continue;
      const id = edit.gesture ?? edit.id;
      const entry = gestures.get(id) ?? { steps: [], edit };
      entry.steps.push(stepOf(edit, before));
      gestures.set(id, entry);
    }
    for (const [id, { steps, edit }] of gestures) {
      this.history.record({ id, edits: steps }, edit.undoes, edit.redoes);
    }
    this.listener.onHistory();
  }

  /** Take back what the store refused; returns what this person wanted it to be. */
  refused(refused: Refused, edit: Edit): Fields {
    const mine = this.document.get(edit.annotation);
    this.document.restore(refused);
    this.history.refuse(edit.gesture ?? edit.id, edit.undoes, edit.redoes);
    this.listener.onHistory();
    return mine ? valuesOf(mine) : {};
  }

  /** Do again, on top of what is there now, what the store refused as a conflict. */
  insist(edit: Edit, mine: Fields): void {
    const { annotation, kind, after = {} } = edit;
    if (kind === "delete") this.commit([{ kind, annotation }]);
    else if (this.document.has(annotation)) this.commit([{ kind: "update", annotation, after }]);
    else if (mine.geometry) this.commit([{ kind: "create", annotation, after: mine }]);
    else this.listener.say("That object was deleted; there is nothing left to change.");
  }

  private step(gesture: Gesture, drafts: readonly Draft[], intent: Intent): string[] {
    const commit = this.commit(drafts, intent);
    if (!commit) {
      if (!this.frozen()) {
        this.history.forget(gesture.id);
        this.listener.onHistory();
        this.listener.say("That object was changed elsewhere since; this step cannot be taken.");
      }
      return [];
    }
    return commit.edits.map((edit) => edit.annotation).filter((id) => this.document.has(id));
  }

  private commit(drafts: readonly Draft[], intent: Intent = {}): Commit | null {
    if (drafts.length === 0) return null;
    if (this.frozen()) {
      this.listener.say("This task is submitted. Reopen it to change its labels.");
      return null;
    }
    const done: Commit[] = [];
    const ontology = this.ontology();
    const frame = this.frame();
    // A step of the history may be from before something was renamed.
    const current = drafts.map((draft): Draft => {
      if (draft.kind === "delete") return draft;
      const was = this.document.get(draft.annotation ?? "");
      // A step of the history has the timestamps that the labels had.
      const fresh = !intent.undoes && !intent.redoes;
      if (draft.kind === "create") {
        const first = this.tracks() ? begun(draft.after, frame, ontology) : draft.after;
        const after = placed(renamed(ontology, first, was), frame);
        return { ...draft, after: fresh ? stamped(after, was, this.times) : after };
      }
      const after = fresh ? this.onTrack(draft.after, was, frame) : draft.after;
      const named = renamed(ontology, after, was);
      return { ...draft, after: fresh ? stamped(named, was, this.times) : named };
    });
    for (const some of pieces(current)) {
      const commit = this.document.commit(some, intent);
      if (!commit) continue;
      this.history.record(commit.gesture, intent.undoes, intent.redoes);
      this.listener.onEdits(commit.edits);
      done.push(commit);
    }
    const last = done.at(-1);
    if (!last) return null;
    this.listener.onHistory();
    return { gesture: last.gesture, edits: done.flatMap((commit) => commit.edits) };
  }

  /** An object as it is on the picture that is shown: of a track its shape and answers there. */
  here(id: string): Annotation | undefined {
    const annotation = this.document.get(id);
    if (annotation?.geometry.type !== "track") return annotation;
    const seen = seenAt(annotation, this.frame());
    return seen ? { ...seen, attributes: answersAt(annotation, this.frame()) } : undefined;
  }

  /** What an object becomes, where the shapes of a track are all of one kind. */
  private onTrack(after: Changed, was: Annotation | undefined, frame: number | null): Changed {
    const made = onTrack(after, was, frame);
    if (made || !was) return made ?? after;
    this.listener.say("All shapes of a track are of one kind: this one stays as it was.");
    return { geometry: was.geometry };
  }

  /** Those of objects that may be changed, as they are on the picture that is shown. */
  private shapes(ids: readonly string[]): Annotation[] {
    return this.unlocked(ids).flatMap((id) => this.here(id) ?? []);
  }

  private unlocked(ids: readonly string[]): string[] {
    const free = ids.filter((id) => {
      const annotation = this.document.get(id);
      return annotation && annotation.state !== "locked";
    });
    if (free.length < ids.length) this.listener.say(LOCKED);
    return free;
  }
}
