import type { Answers, Keyframe, Keypoint, Shape, Track } from "../document/types.ts";
import { mixedJoint, shapeBetween } from "./passage.ts";

// The twin of `labelwidgets/schema/sights.py`.

/** An object as it is on one frame. */
export interface Sight {
  readonly geometry: Shape;
  readonly occluded: boolean;
  readonly attributes: Answers;
  /** It was placed on this very frame, not between others. */
  readonly keyframe: boolean;
}

/** So many frames of a track are remembered: those of panes side by side, and of a step back. */
const REMEMBERED = 4;
const NOTHING: Answers = {};

/** What is seen of a track, each frame found without going through all keyframes. */
export class Sights {
  readonly keys: readonly number[];
  private readonly made: readonly Keyframe[];
  private readonly answers: readonly Answers[] | null;
  private readonly joints: Joints | null;
  private readonly frames: number[] = [];
  private readonly seen: (Sight | null)[] = [];
  private next = 0;
  /** The number of the keyframe that was looked up last. */
  private place = 0;

  constructor(track: Track) {
    this.keys = Object.keys(track.keyframes)
      .map(Number)
      .sort((a, b) => a - b);
    this.made = this.keys.map((key) => track.keyframes[key] as Keyframe);
    this.answers = accumulated(this.made);
    this.joints = this.made.some((one) => one.joints) ? new Joints(this.keys, this.made) : null;
  }

  /** Is it in the picture on a frame? */
  there(frame: number): boolean {
    const keyframe = this.made[this.upTo(frame)];
    return keyframe?.geometry != null && !keyframe.outside;
  }

  at(frame: number): Sight | null {
    for (let i = 0; i < this.frames.length; i++)
      if (this.frames[i] === frame) return this.seen[i] as Sight | null;
    const sight = this.look(frame);
    this.frames[this.next] = frame;
    this.seen[this.next] = sight;
    this.next = (this.next + 1) % REMEMBERED;
    return sight;
  }

  /** The number of the last keyframe up to a frame, -1 for none: mostly that of the frame before. */
  private upTo(frame: number): number {
    const { keys, place } = this;
    const here = keys[place] as number;
    const next = keys[place + 1];
    if (here <= frame && (next === undefined || frame < next)) return place;
    const found = lastUpTo(keys, frame);
    if (found >= 0) this.place = found;
    return found;
  }

  private look(frame: number): Sight | null {
    const place = this.upTo(frame);
    const before = this.made[place];
    if (!before?.geometry || before.outside) return null;
    return {
      geometry: this.shape(place, frame, before.geometry),
      occluded: before.occluded ?? false,
      attributes: this.answers?.[place] ?? NOTHING,
      keyframe: this.keys[place] === frame,
    };
  }

  private shape(place: number, frame: number, before: Shape): Shape {
    if (this.joints && before.type === "keypoints") {
      const points = this.joints.at(place, frame, before.points);
      return points === before.points ? before : { type: "keypoints", points };
    }
    const after = this.made[place + 1]?.geometry;
    if (!after || this.keys[place] === frame) return before;
    return shapeBetween(before, after, partOf(this.keys, place, place + 1, frame));
  }
}

/** Skeletons of which single joints were placed: each is interpolated by itself. */
class Joints {
  /** For each joint, the numbers of the keyframes that place it. */
  private readonly placed: number[][] = [];
  /** The numbers of the keyframes from which on it is outside. */
  private readonly outside: number[] = [];

  constructor(
    private readonly keys: readonly number[],
    private readonly made: readonly Keyframe[],
  ) {
    made.forEach(({ geometry, joints, outside }, place) => {
      if (outside) this.outside.push(place);
      if (geometry?.type !== "keypoints") return;
      geometry.points.forEach((_, joint) => {
        this.placed[joint] ??= [];
        if (!joints || joints.includes(joint)) this.placed[joint].push(place);
      });
    });
  }

  at(place: number, frame: number, before: readonly Keypoint[]): readonly Keypoint[] {
    if (this.keys[place] === frame && !this.made[place]?.joints) return before;
    // From where it came into the picture to where it leaves it.
    const gap = lastUpTo(this.outside, place);
    const start = (this.outside[gap] ?? -1) + 1;
    const end = this.outside[gap + 1] ?? this.made.length;
    return before.map((here, joint) => {
      const placed = this.placed[joint] ?? [];
      const last = lastUpTo(placed, place);
      const from = Math.max(placed[last] ?? start, start);
      const point = this.point(from, joint) ?? here;
      const to = placed[last + 1];
      const goal = to === undefined || to > end ? undefined : this.point(to, joint);
      if (to === undefined || !goal || this.keys[from] === frame) return point;
      return mixedJoint(point, goal, partOf(this.keys, from, to, frame));
    });
  }

  private point(place: number, joint: number): Keypoint | undefined {
    const geometry = this.made[place]?.geometry;
    return geometry?.type === "keypoints" ? geometry.points[joint] : undefined;
  }
}

/** The answers that hold from each keyframe on, null where none was ever given. */
function accumulated(made: readonly Keyframe[]): readonly Answers[] | null {
  if (!made.some((one) => one.attributes)) return null;
  let answers = NOTHING;
  return made.map(({ attributes }) => {
    if (attributes) answers = { ...answers, ...attributes };
    return answers;
  });
}

function partOf(keys: readonly number[], before: number, after: number, frame: number): number {
  const [from, to] = [keys[before] as number, keys[after] as number];
  return (frame - from) / (to - from);
}

/** The index of the last of some rising numbers that is not beyond `most`; -1 for none. */
function lastUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
