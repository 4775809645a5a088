import { answer, answerTo, asked, classOf, questions, withAnswer } from "../document/answers.ts";
import {
  type Commit,
  type Draft,
  type Intent,
  LabelDocument,
  valuesBefore,
  valuesOf,
} from "../document/document.ts";
import { again, History, inverse } from "../document/history.ts";
import { newId } from "../document/ids.ts";
import { isKeySlice } from "../document/key_slices.ts";
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
  Shape,
  Step,
  Track,
  XY,
} from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { union } from "../geometry/box.ts";
import { centreOf, frameOf } from "../geometry/frame.ts";
import { runsOf, unite } from "../geometry/runs.ts";
import { stamped, type Times } from "../geometry/stamping.ts";
import { scaleOnImage, turnOnImage } from "../geometry/staying.ts";
import { isShape, reshapedAt } from "../geometry/track.ts";
import { answered, cut, held, trackFrom, withoutAnswers } from "../geometry/track_edits.ts";
import { answersAt, isThere, shapeTypeOf } from "../geometry/track_standing.ts";
import { keepOnImage, onImage, type Size, translate } from "../geometry/transform.ts";
import { withSlices } from "../geometry/volume_patch.ts";
import type { OpenedBody } from "../link/wire.ts";
import { wrongWith } from "../tools/select/vertices.ts";
import type { Making } from "../tools/tool.ts";
import { seenAt } from "./seen.ts";

export interface LabelsListener {
  /** These edits were made here and have to become durable. */
  onEdits(edits: readonly Edit[]): void;
  onHistory(): void;
  /** Something was changed elsewhere that only opening the task again can show. */
  onMissed(): void;
  say(text: string): void;
}

/** So few drafts are never too large for one message. */
const FEW = 100;
const MOST_LETTERS = 2_000_000;
const ELSEWHERE = "It is not in the picture on this frame: there is nothing to be said of it here.";
const NO_ROOM = "There is no room on the picture to turn it so far.";
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
      ...gone.map((annotation) => this.goneHere(annotation)),
      ...also,
    ]);
    return commit ? created.map((one) => one.annotation) : [];
  }

  /** An object of which nothing is left on this picture: a track is not there on this frame alone. */
  private goneHere(annotation: string): Draft {
    const geometry = this.document.get(annotation)?.geometry;
    const frame = this.frame();
    if (geometry?.type === "track" && frame !== null) {
      const made = cut(geometry, frame, frame, this.lastFrame());
      if (made) return { kind: "update", annotation, after: { geometry: made } };
    }
    return { kind: "delete", annotation };
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
      this.unlocked(ids).flatMap((id): Draft[] => {
        const one = this.document.get(id);
        if (one && this.isMutable(one, name)) return this.answerFrom(one, name, value);
        const before = one?.attributes ?? {};
        const attributes = this.asked(id, answer(before, name, value));
        if (JSON.stringify(attributes) === JSON.stringify(before)) return [];
        return [{ kind: "update", annotation: id, after: { attributes } }];
      }),
    );
  }

  /** Answers of an annotation without those to questions that are hidden now. */
  private asked(id: string, answers: Answers): Answers {
    const annotation = this.document.get(id);
    if (!annotation) return answers;
    const all = questions(this.ontology(), annotation);
    if (annotation.geometry.type !== "track") return asked(all, answers);
    // What is asked may depend on what was answered on this frame.
    const now = asked(all, { ...answersAt(annotation, this.frame()), ...answers });
    const kept = Object.entries(answers).filter(([name]) => Object.hasOwn(now, name));
    return Object.fromEntries(kept);
  }

  /** Is it a question about a track whose answer may change from frame to frame? */
  private isMutable(annotation: Annotation, name: string): boolean {
    if (annotation.geometry.type !== "track") return false;
    return questions(this.ontology(), annotation).some((one) => one.name === name && one.mutable);
  }

  /** An answer that holds from this frame on, until it is answered otherwise. */
  private answerFrom(one: Annotation, name: string, value: string | readonly string[]): Draft[] {
    const { geometry } = one;
    const frame = this.frame();
    if (geometry.type !== "track" || frame === null) return [];
    const before = answersAt(one, frame)[name];
    if (JSON.stringify(before) === JSON.stringify(value)) return [];
    // No choice can be taken back to what was held before it; a text, or several choices, to none.
    const question = questions(this.ontology(), one).find((asked) => asked.name === name);
    const clears = question?.type === "text" || question?.type === "checkbox";
    const made = answered(geometry, frame, name, value.length > 0 || clears ? value : null);
    if (!made) this.listener.say(ELSEWHERE);
    else return [{ kind: "update", annotation: one.id, after: { geometry: made } }];
    return [];
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

  /** Answers about the image that a model proposed, put among those that are there. */
  proposed(making: readonly Making[]): {
    readonly drafts: readonly Draft[];
    /** “light” was “day” */
    readonly replaced: readonly string[];
  } {
    const annotation = this.imageId;
    const was = this.document.get(annotation);
    const before = was?.attributes ?? {};
    let attributes = before;
    let by = was?.origin;
    let confidence = was?.confidence;
    const replaced: string[] = [];
    for (const { attributes: given = {}, origin, confidence: sure } of making)
      for (const [name, value] of Object.entries(given)) {
        const now = answerTo(attributes, name);
        if (now?.length) replaced.push(`“${name}” was “${now}”`);
        attributes = answer(attributes, name, value);
        by = withAnswer(by ?? (was ? { kind: "hand" } : origin), name, value, origin, sure);
        if (!was || by.kind === "model") confidence = Math.min(sure ?? 1, confidence ?? 1);
      }
    attributes = asked(this.ontology().image_attributes ?? [], attributes);
    if (!by || JSON.stringify(attributes) === JSON.stringify(before))
      return { drafts: [], replaced: [] };
    const after = { attributes, origin: by, ...(confidence != null && { confidence }) };
    const drafts: Draft[] = was
      ? [{ kind: "update", annotation, after }]
      : [
          {
            kind: "create",
            annotation,
            after: { class_name: null, geometry: { type: "tag" }, ...after },
          },
        ];
    return { drafts, replaced };
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
    const shapes = this.unlocked(ids).flatMap((id) => this.here(id) ?? []);
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

  private whole(
    ids: readonly string[],
    change: (shapes: readonly Geometry[], centre: XY) => readonly Geometry[] | null,
  ): void {
    const shapes = this.unlocked(ids).flatMap((id) => this.here(id) ?? []);
    const frame = frameOf(shapes.map((one) => one.geometry));
    if (!frame) return;
    const made = change(
      shapes.map((one) => one.geometry),
      centreOf(frame.box),
    );
    const changed = shapes.flatMap((one, i): [string, Geometry][] => {
      const geometry = made?.[i];
      return geometry && geometry !== one.geometry ? [[one.id, geometry]] : [];
    });
    const wrong = shapes.map((one, i) => wrongWith(one.geometry, made?.[i] ?? one.geometry));
    const first = made ? wrong.find((text) => text !== null) : NO_ROOM;
    if (first) this.listener.say(first);
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
    const drafts = this.unlocked(ids).flatMap((id): Draft[] => {
      const one = this.document.get(id);
      if (!one) return [];
      const { class_name = null, geometry, attributes = {} } = one;
      if (geometry.type === "track") return this.heldTo(id, geometry, from, to);
      if (geometry.type === "interval") return [];
      if (geometry.type !== "volumemask") {
        const here = geometry.type !== "tag" && (one.frame ?? 0) === from;
        const after = { class_name, geometry, attributes, frame: to };
        return here ? [{ kind: "create", annotation: newId(), after }] : [];
      }
      const [here, there] = [geometry.slices[from], geometry.slices[to]];
      if (!here) return [];
      const runs = there ? unite(runsOf(there), runsOf(here)) : runsOf(here);
      const after = { geometry: withSlices(geometry, [[to, runs]]) };
      return [{ kind: "update", annotation: id, after }];
    });
    this.commit(drafts);
    return drafts.flatMap((draft) => draft.annotation ?? []);
  }

  /** A track that is on another frame, before or after, as it is on one. */
  private heldTo(annotation: string, track: Track, from: number, to: number): Draft[] {
    const seen = this.here(annotation)?.geometry;
    const made =
      to > from
        ? held(track, from, to - from, to)
        : isShape(seen) && isThere(track, from)
          ? reshapedAt(track, to, seen)
          : null;
    return made ? [{ kind: "update", annotation, after: { geometry: made } }] : [];
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
    // A step of the history may be from before something was renamed.
    const current = drafts.map((draft): Draft => {
      if (draft.kind === "delete") return draft;
      const was = this.document.get(draft.annotation ?? "");
      // A step of the history has the timestamps that the labels had.
      const fresh = !intent.undoes && !intent.redoes;
      if (draft.kind === "create") {
        const after = this.placed(renamed(ontology, this.begun(draft.after), was));
        return { ...draft, after: fresh ? stamped(after, was, this.times) : after };
      }
      const after = fresh ? this.onTrack(draft.after, was) : draft.after;
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

  /** A new object of a group is on the picture that is looked at; answers are about the group. */
  private placed(after: Fields): Fields {
    const frame = this.frame();
    const keeps = frame === null || !isShape(after.geometry);
    return keeps || after.frame != null ? after : { ...after, frame };
  }

  /** An object as it is on the picture that is shown: of a track its shape and answers there. */
  here(id: string): Annotation | undefined {
    const annotation = this.document.get(id);
    if (annotation?.geometry.type !== "track") return annotation;
    const seen = seenAt(annotation, this.frame());
    return seen ? { ...seen, attributes: answersAt(annotation, this.frame()) } : undefined;
  }

  /** What is drawn on a frame of a video is the beginning of a track, where tracks are made. */
  private begun(after: Fields): Fields {
    const frame = this.frame();
    const { geometry } = after;
    if (frame === null || after.frame != null || !isShape(geometry) || !this.tracks()) return after;
    return { ...after, ...this.asTrack(after, geometry, frame) };
  }

  /** A track that begins with a shape: the answers that may change are said on its first frame. */
  asTrack({ class_name, attributes }: Fields, geometry: Shape, frame: number): Fields {
    const given = Object.entries(attributes ?? {});
    if (given.length === 0) return { geometry: trackFrom(geometry, frame) };
    const asked = classOf(this.ontology(), class_name)?.attributes ?? [];
    const names = new Set(asked.flatMap((one) => (one.mutable ? [one.name] : [])));
    const [changing, whole] = [true, false].map((some) =>
      Object.fromEntries(given.filter(([name]) => names.has(name) === some)),
    );
    return { geometry: trackFrom(geometry, frame, changing), attributes: whole ?? {} };
  }

  /** Another shape of a track is a keyframe of it on the frame that is shown. */
  private onTrack(after: Changed, was: Annotation | undefined): Changed {
    const frame = this.frame();
    const { geometry } = after;
    if (was?.geometry.type !== "track" || frame === null) return after;
    if (!isShape(geometry) || after.frame !== undefined) return after;
    const others = Object.keys(was.geometry.keyframes).some((key) => Number(key) !== frame);
    if (others && shapeTypeOf(was.geometry) !== geometry.type) {
      this.listener.say("All shapes of a track are of one kind: this one stays as it was.");
      return { geometry: was.geometry };
    }
    return { ...after, geometry: reshapedAt(was.geometry, frame, geometry) };
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

/** A gesture travels in one message, and messages have a limit: a huge one becomes several. */
function pieces(drafts: readonly Draft[]): Draft[][] {
  const result: Draft[][] = [];
  let piece: Draft[] = [];
  let letters = 0;
  for (const draft of drafts) {
    const size = drafts.length < FEW ? 0 : JSON.stringify(draft).length;
    if (piece.length > 0 && letters + size > MOST_LETTERS) {
      result.push(piece);
      piece = [];
      letters = 0;
    }
    piece.push(draft);
    letters += size;
  }
  return piece.length > 0 ? [...result, piece] : result;
}

function stepOf(edit: Applied, was: Annotation | undefined): Step {
  const { kind, annotation, after = null } = edit;
  if (kind === "create" || !was) return { kind, annotation, before: null, after };
  const before = kind === "update" ? valuesBefore(was, after ?? {}) : valuesOf(was);
  return { kind, annotation, before, after };
}
