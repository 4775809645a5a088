import { signal } from "@preact/signals";
import type { Draft } from "../document/document.ts";
import { newId } from "../document/ids.ts";
import type { Annotation, Track } from "../document/types.ts";
import { isShape, keysOf, reshapedAt } from "../geometry/track.ts";
import {
  cut,
  ended,
  held,
  isTrack,
  keyed,
  left,
  linked,
  merged,
  returned,
  split,
  trackFrom,
  unkeyed,
  veiled,
} from "../geometry/track_edits.ts";
import { isThere, keyAfter, shapeTypeOf, standingAt } from "../geometry/track_standing.ts";
import type { Making } from "../tools/tool.ts";
import { frameName } from "./frame_name.ts";
import {
  type Conversion,
  fieldsOf,
  MOST_SHAPES,
  type Placed,
  shapesOf,
  type TrackAnnotation,
  tracksOf,
} from "./labels/conversion.ts";
import type { Room } from "./room.ts";
import type { NoticeAction } from "./state.ts";

const NO_TRACK = "Select a track first.";
const WHOLE = "The whole track";
const NOT_HERE = "It is not in the picture on this frame.";

/** What a person does to the selected tracks of a video; each is one gesture. */
export class TrackEdits {
  /** On how many of the following frames copies are put. */
  readonly ahead = signal(10);
  /** The stretch to be cut, while it is being chosen; frames from 0, both included. */
  readonly cutting = signal<readonly [number, number] | null>(null);
  readonly conversion = signal<Conversion>("keyframes");

  /** The last notice about tracks. */
  private told = 0;

  constructor(private readonly room: Room) {}

  get selected(): TrackAnnotation[] {
    const { labels, state } = this.room;
    return state.selection.value.map((id) => labels?.document.get(id)).filter(isOfTrack);
  }

  /** Selected shapes that are on one frame alone. */
  get shapes(): Placed[] {
    const { labels, state } = this.room;
    if (!this.room.onFrames) return [];
    return state.selection.value.map((id) => labels?.document.get(id)).filter(isPlaced);
  }

  private get frame(): number {
    return this.room.frame ?? 0;
  }

  /** Do what a key stands for; false where it stands for nothing here. */
  run(command: string): boolean {
    const { room } = this;
    if (!room.onFrames) return false;
    if (room.state.readOnly.value) return true;
    else if (command === "key.toggle") this.toggleKeyframe();
    else if (command === "track.leave") this.toggleOutside();
    else if (command === "track.occlude") this.toggleOccluded();
    else if (command === "track.split") this.split();
    else if (command === "track.merge") this.merge();
    else if (command === "track.link") this.link();
    else if (command === "track.cut") this.chooseCut();
    else if (command === "track.convert") this.convert();
    else if (command === "track.copy") this.copyOn();
    else if (command === "track.end") this.end();
    else if (command === "track.delete") this.removeWhole();
    else if (command === "track.mode") this.toggleMode();
    else return false;
    return true;
  }

  /**
   * The track that goes on with what is drawn here: the only one selected, of the class that is drawn
   * and not in the picture on this frame.
   */
  get goingOn(): TrackAnnotation | null {
    const { room, selected } = this;
    const [one] = selected;
    if (!one || room.state.selection.value.length !== 1 || !room.makesTracks) return null;
    const fits = one.class_name === room.choice.currentClass?.name && one.state !== "locked";
    return fits && !isThere(one.geometry, this.frame) ? one : null;
  }

  /** What the hand should know before it draws; "" for nothing. */
  get hint(): string {
    const one = this.room.hand.makes.length > 0 ? this.goingOn : null;
    return one ? `What is drawn goes on with ${this.named([one])}. N: a new object.` : "";
  }

  /** Let a selected track come back with what was drawn; false where that is something else. */
  goOn(making: readonly Making[], anew: () => void): boolean {
    const { goingOn } = this;
    const [made, ...others] = making;
    if (!goingOn || !made || others.length > 0) return false;
    const { geometry, className = goingOn.class_name } = made;
    if (!isShape(geometry) || shapeTypeOf(goingOn.geometry) !== geometry.type) return false;
    if (className !== goingOn.class_name) return false;
    const track = reshapedAt(goingOn.geometry, this.frame, geometry);
    if (!this.together([draftOf(goingOn.id, track)])) return false;
    const text = `This goes on with ${this.named([goingOn])}.`;
    this.tell(text, this.instead("A new track", [], anew));
    return true;
  }

  /** What is drawn from now on begins a track, or is on its frame alone. */
  toggleMode(): void {
    const { room } = this;
    room.useTracks(!room.makesTracks);
    room.board.say(
      room.makesTracks
        ? "What is drawn now begins a track."
        : "What is drawn now is on its frame alone.",
    );
  }

  /** Make what is seen here a keyframe; where all are, they are taken away. */
  toggleKeyframe(): void {
    const { frame } = this;
    const all = this.selected.every(({ geometry }) => frame in geometry.keyframes);
    this.change(
      (track) => (all ? unkeyed(track, frame) : keyed(track, frame)),
      all ? `Keyframe ${this.at(frame)} taken away.` : `Keyframe ${this.at(frame)}.`,
      NOT_HERE,
    );
  }

  /** What is in the picture leaves it here, until its next keyframe; what is not comes back. */
  toggleOutside(): void {
    const { frame, selected } = this;
    const some = selected.some(({ geometry }) => isThere(geometry, frame));
    const next = selected.flatMap(({ geometry }) => keyAfter(geometry, frame) ?? []);
    const until = next.length > 0 ? `, until ${this.at(Math.min(...next))}` : "";
    this.change(
      (track) => (some ? left(track, frame) : returned(track, frame)),
      some
        ? `${this.whose(selected)} not in the picture from ${this.at(frame)} on${until}.`
        : `${this.whose(selected)} back in the picture from ${this.at(frame)} on${until}.`,
    );
  }

  /** Something is in front of it from here on, until its next keyframe; or no longer. */
  toggleOccluded(): void {
    const { frame, selected } = this;
    const here = selected.filter(({ geometry }) => isThere(geometry, frame));
    const all = here.every(({ geometry }) => standingAt(geometry, frame).occluded);
    this.change(
      (track) => (isThere(track, frame) ? veiled(track, frame, !all) : track),
      `${this.whose(here)} ${all ? "no longer occluded" : "occluded"} from ${this.at(frame)} on.`,
      NOT_HERE,
    );
  }

  /** What is from this frame on becomes a track of its own, which is selected. */
  split(): void {
    const { frame, room, selected } = this;
    const made = selected.flatMap((one) => {
      const parts = split(one.geometry, frame);
      return parts ? [{ one, parts, id: newId() }] : [];
    });
    if (selected.length === 0) {
      room.board.say(NO_TRACK);
      return;
    }
    if (made.length === 0) {
      room.board.say(`There is nothing before ${this.at(frame)}, or nothing from it on.`);
      return;
    }
    const done = this.together(
      made.flatMap(({ one, parts: [before, after], id }) => [
        { kind: "update", annotation: one.id, after: { geometry: before } },
        { kind: "create", annotation: id, after: { ...fieldsOf(one), geometry: after } },
      ]),
    );
    if (!done) return;
    room.selection.select(made.map(({ id }) => id));
    this.tell(`Split: a track of its own begins ${this.on(frame)}.`);
  }

  /** Selected tracks become one where they are not in the picture at once; shapes join a track. */
  merge(): void {
    this.join(merged, "merge");
  }

  /** As merge, and in the gaps between them the object is interpolated. */
  link(): void {
    this.join(linked, "link");
  }

  private join(how: typeof merged, what: string): void {
    const { room, selected, shapes } = this;
    const all: readonly (TrackAnnotation | Placed)[] = [...selected, ...shapes];
    const [first] = all;
    if (!first || all.length < 2) {
      room.board.say(`Select two or more tracks to ${what} (Shift-click), or a track and shapes.`);
      return;
    }
    if (new Set(all.map((one) => one.class_name)).size > 1) {
      room.board.say("They are of different classes. Give them one first (Alt+1…9).");
      return;
    }
    const kinds = all.map(({ geometry }) =>
      geometry.type === "track" ? shapeTypeOf(geometry) : geometry.type,
    );
    if (new Set(kinds).size > 1) {
      room.board.say("Shapes of different kinds make no track.");
      return;
    }
    const tracks = selected.map((one) => one.geometry);
    const on = (shape: Placed) => shape.frame ?? 0;
    // A shape on a frame on which a track is there is what that track looks like on it.
    const within = shapes.filter((one) => tracks.some((track) => isThere(track, on(one))));
    const alone = shapes.filter((one) => !within.includes(one));
    const made = how([...tracks, ...alone.map((one) => trackFrom(one.geometry, on(one)))]);
    if (!isTrack(made)) {
      const frames = `${frameName(made.first)} to ${frameName(made.last)}`;
      room.board.say(`They are in the picture at once, on frames ${frames}. Cut one there first.`);
      return;
    }
    const whole = within.reduce((track, one) => reshapedAt(track, on(one), one.geometry), made);
    const kept = earliest(all);
    const after = { geometry: whole, ...(isPlaced(kept) && { frame: null }) };
    const done = this.together([
      { kind: "update", annotation: kept.id, after },
      ...all
        .filter((one) => one !== kept)
        .map((one) => ({ kind: "delete" as const, annotation: one.id })),
    ]);
    if (!done) return;
    room.selection.select([kept.id]);
    this.tell(`${all.length} became one track, ${this.named([kept])}.`);
  }

  /** Ask for the frames to be cut, this one to begin with. */
  chooseCut(): void {
    if (this.selected.length === 0) this.room.board.say(NO_TRACK);
    else this.cutting.value = this.cutting.value ? null : [this.frame, this.frame];
  }

  /** Take a stretch out of the selected tracks: they are outside on these frames. */
  cut(first: number, last: number): void {
    const { lastFrame } = this.room;
    const frames = `frames ${frameName(first)} to ${frameName(last)}`;
    this.cutting.value = null;
    this.change(
      (track) => cut(track, first, last, lastFrame),
      `${this.whose(this.selected)} not in the picture on ${frames}.`,
      `It is not there on ${frames}.`,
    );
  }

  /** Tracks become shapes; where none is selected, selected shapes become tracks. */
  convert(): void {
    if (this.selected.length > 0) this.toShapes(this.conversion.value);
    else if (this.shapes.length > 0) this.toTracks();
    else this.room.board.say("Select tracks, or shapes, to convert.");
  }

  private toTracks(): void {
    const shapes = this.shapes;
    const drafts = tracksOf(shapes, this.room.state.ontology.value);
    if (this.together(drafts)) this.tell(`${count(shapes, "shape")} became a track each.`);
  }

  private toShapes(how: Conversion): void {
    const { room, frame, selected } = this;
    const drafts = shapesOf(selected, how, frame, room.lastFrame);
    if (!drafts) {
      room.board.say(`That would be more than ${MOST_SHAPES.toLocaleString("en")} shapes.`);
      return;
    }
    if (drafts.length === 0) {
      room.board.say(NOT_HERE);
      return;
    }
    if (!this.together(drafts)) return;
    const here = drafts.filter((one) => one.after.frame === frame);
    room.selection.select(here.map((one) => one.annotation));
    this.tell(`${count(selected, "track")} became ${count(drafts, "shape")} of single frames.`);
  }

  /** Tracks stay as they are seen here on the following frames; of shapes there are copies. */
  copyOn(): void {
    const { room, frame, selected } = this;
    const shapes = this.shapes.filter((one) => (one.frame ?? 0) === frame);
    const to = Math.min(frame + this.ahead.value, room.lastFrame);
    if (selected.length + shapes.length === 0) {
      room.board.say("Select what to copy first.");
      return;
    }
    if (to <= frame) {
      room.board.say("This is the last frame.");
      return;
    }
    const drafts: Draft[] = selected.flatMap((one): Draft[] => {
      const geometry = held(one.geometry, frame, to - frame, room.lastFrame);
      return geometry ? [{ kind: "update", annotation: one.id, after: { geometry } }] : [];
    });
    for (const one of shapes)
      for (let k = frame + 1; k <= to; k++) {
        const { geometry } = one;
        drafts.push({ kind: "create", after: { ...fieldsOf(one), geometry, frame: k } });
      }
    if (drafts.length === 0) {
      room.board.say(NOT_HERE);
      return;
    }
    if (!this.together(drafts)) return;
    const what = selected.length > 0 ? `${this.whose(selected)} held` : "Copied";
    this.tell(`${what} on frames ${frameName(frame + 1)} to ${frameName(to)}.`);
  }

  /**
   * Delete what is selected. A track is more work than one frame of it: it is only gone on this
   * frame, unless it has been nowhere else yet, and the notice offers what else may be meant.
   */
  remove(): void {
    const { room, frame, selected } = this;
    const others = room.state.selection.value.filter((id) => !selected.some((s) => s.id === id));
    const fresh = selected.filter(({ geometry }) => keysOf(geometry).join() === String(frame));
    const older = selected.filter((one) => !fresh.includes(one));
    const here = older.filter(({ geometry }) => isThere(geometry, frame));
    const ids = older.map((one) => one.id);
    const whole = () => this.removeWhole();
    if (older.length > 0 && here.length + fresh.length + others.length === 0) {
      const action = { label: WHOLE, run: whole };
      room.board.say(`${this.whose(older)} not in the picture on this frame.`, "info", action);
      return;
    }
    const gone = [...others, ...fresh.map((one) => one.id)];
    const drafts = [
      ...gone.map((annotation): Draft => ({ kind: "delete", annotation })),
      ...here.map(({ id, geometry }) => draftOf(id, cut(geometry, frame, frame, room.lastFrame))),
    ];
    if (!this.together(drafts) || here.length === 0) return;
    this.tell(
      `${this.whose(here)} gone ${this.on(frame)} only.`,
      this.instead("From here on", ids, () => this.end()),
      this.instead(WHOLE, ids, whole),
    );
  }

  /** The selected tracks leave the picture here and do not come back. */
  end(): void {
    const { frame, selected } = this;
    const lost = selected.reduce(
      (sum, { geometry }) => sum + keysOf(geometry).filter((key) => key > frame).length,
      0,
    );
    const what = lost > 0 ? `; ${count(lost, "later keyframe")} went with it` : "";
    this.change(
      (track) => ended(track, frame),
      `${this.whose(selected)} gone from ${this.at(frame)} on${what}.`,
      NOT_HERE,
    );
  }

  /** Delete the selected tracks on all their frames. */
  removeWhole(): void {
    const { room, selected } = this;
    if (selected.length === 0) {
      room.board.say(NO_TRACK);
      return;
    }
    const whose = this.whose(selected);
    const drafts = selected.map(({ id }): Draft => ({ kind: "delete", annotation: id }));
    if (!this.together(drafts)) return;
    this.tell(`${whose} deleted on all frames.`);
  }

  /** Another thing that a person may have meant: what was done is taken back first. */
  private instead(label: string, ids: readonly string[], run: () => void): NoticeAction {
    const { room } = this;
    const gesture = this.last;
    return {
      label,
      run: () => {
        if (gesture && this.last === gesture) room.undoing.undo();
        room.selection.select(ids);
        run();
      },
    };
  }

  /** The gesture that Undo would take back. */
  private get last(): string | undefined {
    return this.room.labels?.history.nextUndo?.id;
  }

  private change(make: (track: Track) => Track | null, done: string, otherwise = ""): void {
    const { room, selected } = this;
    if (selected.length === 0) {
      room.board.say(NO_TRACK);
      return;
    }
    const drafts = selected.flatMap(({ id, geometry }) => {
      const made = make(geometry);
      return made === geometry ? [] : [draftOf(id, made)];
    });
    if (drafts.length === 0) {
      room.board.say(otherwise);
      return;
    }
    if (this.together(drafts)) this.tell(done);
  }

  private together(drafts: readonly Draft[]): boolean {
    return this.room.labels?.together(drafts) ?? false;
  }

  /** Say what was done, with the way back. */
  private tell(text: string, ...others: readonly NoticeAction[]): void {
    const { room } = this;
    const gesture = this.last;
    const back = () => {
      // What was done since is not taken back by a notice about something else.
      if (this.last === gesture) room.undoing.undo();
      else room.board.say("Other things were done since: Ctrl+Z takes them back one by one.");
    };
    // One such notice is enough: the picture is to be seen.
    room.board.dismiss(this.told);
    room.board.say(text, "info", { label: "Undo", run: back }, ...others);
    this.told = room.board.latest;
  }

  /** Undo or redo changed what is there: what was said is no longer so. */
  untell(): void {
    this.room.board.dismiss(this.told);
  }

  private at(frame: number): string {
    return `frame ${frameName(frame)}`;
  }

  private on(frame: number): string {
    return `on ${this.at(frame)}`;
  }

  private named(all: readonly Annotation[]): string {
    const [first] = all;
    if (all.length !== 1 || !first) return `${all.length} tracks`;
    const objects = this.room.labels?.objects() ?? [];
    const number = objects.findIndex((one) => one.id === first.id) + 1;
    return `${first.class_name ?? "The track"} #${number}`;
  }

  private whose(all: readonly Annotation[]): string {
    return `${this.named(all)} ${all.length === 1 ? "is" : "are"}`;
  }
}

export function isOfTrack(annotation: Annotation | undefined): annotation is TrackAnnotation {
  return annotation?.geometry.type === "track";
}

function isPlaced(annotation: Annotation | undefined): annotation is Placed {
  return isShape(annotation?.geometry);
}

/** A track as it is now, or none where nothing is left of it. */
function draftOf(annotation: string, geometry: Track | null): Draft {
  if (!geometry) return { kind: "delete", annotation };
  return { kind: "update", annotation, after: { geometry } };
}

/** The one that is in the picture first; a track before a shape. */
function earliest<T extends TrackAnnotation | Placed>(all: readonly T[]): T {
  const begins = (one: T) =>
    one.geometry.type === "track" ? (keysOf(one.geometry)[0] ?? 0) : Number.POSITIVE_INFINITY;
  return all.reduce((best, one) => (begins(one) < begins(best) ? one : best));
}

function count(of: number | readonly unknown[], what: string): string {
  const many = typeof of === "number" ? of : of.length;
  return `${many.toLocaleString("en")} ${what}${many === 1 ? "" : "s"}`;
}
