import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Keyframe, Rectangle, Track } from "../document/types.ts";
import { keysOf, sightAt } from "./track.ts";
import {
  answered,
  type Clash,
  cut,
  ended,
  held,
  isTrack,
  keyed,
  left,
  linked,
  merged,
  reshaped,
  returned,
  split,
  trackFrom,
  unkeyed,
  veiled,
} from "./track_edits.ts";
import {
  answeredOn,
  heldAnswers,
  isThere,
  keyAfter,
  keyBefore,
  nearestThere,
  standingAt,
  stretchesOf,
} from "./track_standing.ts";

const box = (x: number): Rectangle => ({ type: "rectangle", x, y: 0, width: 10, height: 10 });
const track = (keyframes: Record<number, Keyframe>): Track => ({ type: "track", keyframes });
const OUT: Keyframe = { outside: true };
const whole = (made: Track | Clash | null): Track => {
  if (!made || !isTrack(made)) throw new Error("no track");
  return made;
};
const there = (made: Track | null, count: number) =>
  Array.from({ length: count }, (_, k) => (made && isThere(made, k) ? "x" : ".")).join("");

/** Where a box is on a frame. */
const xAt = (made: Track, frame: number) => {
  const shape = sightAt(made, frame)?.geometry;
  return shape?.type === "rectangle" ? shape.x : null;
};
const goesAsBefore = (after: Track, before: Track, frame: number) =>
  expect(xAt(after, frame)).toBeCloseTo(xAt(before, frame) ?? Number.NaN, 6);

const LAST = 24;
const keyframes = fc
  .uniqueArray(fc.integer({ min: 0, max: LAST }), { minLength: 1, maxLength: 8 })
  .chain((keys) =>
    fc
      .tuple(
        ...keys.map((key) =>
          fc.record({
            key: fc.constant(key),
            x: fc.integer({ min: 0, max: 50 }),
            outside: fc.boolean(),
            occluded: fc.boolean(),
            answer: fc.constantFrom(null, "a", "b"),
          }),
        ),
      )
      .map((made) => {
        const made_ = made.map(({ key, x, outside, occluded, answer }) => [
          key,
          {
            geometry: box(x),
            ...(outside && { outside }),
            ...(occluded && !outside && { occluded }),
            ...(answer && { attributes: { pose: answer } }),
          },
        ]);
        return track(Object.fromEntries(made_));
      }),
  )
  .filter((made) => stretchesOf(made).length > 0);
const frames = fc.integer({ min: 0, max: LAST });

describe("an object on a frame", () => {
  const made = track({ 2: { geometry: box(0) }, 5: OUT, 9: { geometry: box(4), occluded: true } });

  it("stands as its last keyframe says", () => {
    expect([0, 2, 3, 5, 7, 9, 20].map((k) => standingAt(made, k).state)).toEqual([
      "outside",
      "keyframe",
      "between",
      "outside",
      "outside",
      "keyframe",
      "between",
    ]);
    expect(standingAt(made, 20)).toEqual({ state: "between", occluded: true, since: 9 });
  });

  it("is found where it is nearest, and keyframes on either side", () => {
    expect(stretchesOf(made)).toEqual([
      { first: 2, last: 4 },
      { first: 9, last: null },
    ]);
    expect([0, 6, 7, 30].map((k) => nearestThere(made, k))).toEqual([2, 4, 9, 30]);
    expect([keyAfter(made, 1), keyAfter(made, 2), keyAfter(made, 9)]).toEqual([2, 5, null]);
    expect([keyBefore(made, 2), keyBefore(made, 3), keyBefore(made, 30)]).toEqual([null, 2, 9]);
  });
});

describe("outside and occluded", () => {
  it("hold until the next keyframe, and are taken back by the opposite", () => {
    const made = track({ 0: { geometry: box(0) }, 6: { geometry: box(6) } });
    const gone = whole(left(made, 3));
    expect(there(gone, 8)).toBe("xxx...xx");
    expect(there(returned(gone, 3), 8)).toBe("xxxxxxxx");
    expect(there(returned(gone, 4), 8)).toBe("xxx.xxxx");
    const behind = whole(veiled(made, 3, true));
    expect([2, 3, 5, 6].map((k) => standingAt(behind, k).occluded)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(veiled(gone, 4, true)).toBeNull();
  });

  it("of a track that begins there leave nothing, or what comes later", () => {
    expect(left(track({ 3: { geometry: box(0) } }), 3)).toBeNull();
    const later = whole(left(track({ 3: { geometry: box(0) }, 7: { geometry: box(1) } }), 3));
    expect(keysOf(later)).toEqual([7]);
    expect(unkeyed(track({ 3: { geometry: box(0) } }), 3)).toBeNull();
  });
});

describe("a keyframe that says what is seen", () => {
  it("changes nothing that is seen", () => {
    fc.assert(
      fc.property(keyframes, frames, (made, frame) => {
        const after = keyed(made, frame);
        expect(after !== null).toBe(isThere(made, frame));
        if (!after) return;
        expect(there(after, LAST + 3)).toBe(there(made, LAST + 3));
        expect(heldAnswers(after, LAST)).toEqual(heldAnswers(made, LAST));
        expect(standingAt(after, frame).state).toBe("keyframe");
        for (let k = 0; k < LAST + 3; k++) if (isThere(made, k)) goesAsBefore(after, made, k);
      }),
    );
  });
});

describe("cut", () => {
  it("takes the object out of a stretch, and nothing else changes", () => {
    fc.assert(
      fc.property(keyframes, frames, fc.integer({ min: 0, max: 9 }), (made, first, more) => {
        const last = first + more;
        const after = cut(made, first, last, LAST + 4);
        for (let k = 0; k < LAST + 3; k++) {
          const inside = k >= first && k <= last;
          expect(!!after && isThere(after, k)).toBe(!inside && isThere(made, k));
          if (!inside && after && isThere(made, k)) goesAsBefore(after, made, k);
          if (!inside && after && isThere(made, k) && k > last) {
            expect(heldAnswers(after, k)).toEqual(heldAnswers(made, k));
            expect(standingAt(after, k).occluded).toBe(standingAt(made, k).occluded);
          }
        }
      }),
    );
  });

  it("up to the end of the video makes no keyframe beyond it", () => {
    const made = track({ 0: { geometry: box(0) } });
    expect(keysOf(whole(cut(made, 5, 9, 9)))).toEqual([0, 5]);
    expect(keysOf(whole(cut(made, 5, 9, 20)))).toEqual([0, 5, 10]);
  });

  it("that ends a track leaves nothing from there on", () => {
    fc.assert(
      fc.property(keyframes, frames, (made, frame) => {
        const wanted = there(made, LAST + 3)
          .slice(0, frame)
          .padEnd(LAST + 3, ".");
        expect(there(ended(made, frame), LAST + 3)).toBe(wanted);
      }),
    );
  });
});

describe("split and merge", () => {
  it("are each other's opposite", () => {
    fc.assert(
      fc.property(keyframes, frames, (made, frame) => {
        const parts = split(made, frame);
        if (!parts) return;
        const [before, after] = parts;
        const all = there(made, LAST + 3);
        expect(there(before, LAST + 3)).toBe(all.slice(0, frame).padEnd(LAST + 3, "."));
        expect(there(after, LAST + 3)).toBe(all.slice(frame).padStart(LAST + 3, "."));
        const again = whole(merged([after, before]));
        expect(there(again, LAST + 3)).toBe(all);
        for (let k = 0; k < LAST; k++) {
          if (!isThere(made, k)) continue;
          goesAsBefore(k < frame ? before : after, made, k);
          goesAsBefore(again, made, k);
          expect(heldAnswers(again, k)).toEqual(heldAnswers(made, k));
        }
      }),
    );
  });

  it("of a track with nothing on one side is none", () => {
    const made = track({ 3: { geometry: box(0) }, 6: OUT });
    expect([split(made, 3), split(made, 7)]).toEqual([null, null]);
    expect(split(made, 5)?.map((one) => keysOf(one))).toEqual([
      [3, 5],
      [5, 6],
    ]);
  });

  it("are refused where both are in the picture, with the frames", () => {
    const one = track({ 0: { geometry: box(0) }, 9: { geometry: box(9) } });
    const other = track({ 5: { geometry: box(0) }, 20: OUT });
    expect(merged([one, other])).toEqual({ first: 5, last: 9 });
  });

  it("keep a gap that was said, and a link closes it", () => {
    const one = track({ 0: { geometry: box(0) }, 4: { geometry: box(0), outside: true } });
    const other = track({ 8: { geometry: box(8) } });
    expect(there(whole(merged([other, one])), 10)).toBe("xxxx....xx");
    expect(there(whole(linked([one, other])), 10)).toBe("xxxxxxxxxx");
    // A gap within one of them is its own.
    const gapped = track({ 0: { geometry: box(0) }, 2: OUT, 4: { geometry: box(0) }, 5: OUT });
    expect(there(whole(linked([gapped, other])), 10)).toBe("xx..xxxxxx");
  });

  it("keep the answers of each", () => {
    const one = track({ 0: { geometry: box(0), attributes: { pose: "a" } }, 3: OUT });
    const other = track({ 5: { geometry: box(0), attributes: { pose: "b" } } });
    const made = whole(merged([one, other]));
    expect([2, 5].map((k) => heldAnswers(made, k).pose)).toEqual(["a", "b"]);
    expect([2, 9].map((k) => answeredOn(made, k, "pose"))).toEqual([0, 5]);
  });
});

describe("to go on", () => {
  it("holds what is seen on the frames that follow", () => {
    const made = track({
      0: { geometry: box(0) },
      2: { geometry: box(50), attributes: { pose: "a" } },
      9: { geometry: box(9) },
    });
    const after = whole(held(made, 0, 4, 20));
    expect(keysOf(after)).toEqual([0, 4, 9]);
    for (const k of [0, 2, 4]) expect(sightAt(after, k)?.geometry).toEqual(box(0));
    expect(heldAnswers(after, 9)).toEqual({ pose: "a" });
    expect(keysOf(whole(held(made, 0, 40, 20)))).toEqual([0, 20]);
  });
});

describe("answers from a frame on", () => {
  it("hold until a later keyframe answers otherwise", () => {
    const made = track({ 0: { geometry: box(0) }, 9: OUT });
    const one = whole(answered(made, 2, "pose", "a"));
    const two = whole(answered(one, 5, "pose", "b"));
    expect([0, 3, 5, 8].map((k) => heldAnswers(two, k).pose)).toEqual([undefined, "a", "b", "b"]);
    expect(heldAnswers(whole(answered(two, 5, "pose", null)), 6)).toEqual({ pose: "a" });
    expect(answered(made, 9, "pose", "a")).toBeNull();
  });
});

describe("all shapes of a track", () => {
  it("are made anew, or none is", () => {
    const made = track({ 0: { geometry: box(0) }, 3: { geometry: box(5) }, 5: OUT });
    const moved = whole(reshaped(made, () => box(1)));
    expect([0, 3].map((k) => sightAt(moved, k)?.geometry)).toEqual([box(1), box(1)]);
    expect(moved.keyframes[5]).toEqual(OUT);
    expect(reshaped(made, (one) => (one === made.keyframes[3]?.geometry ? null : one))).toBeNull();
    expect(trackFrom(box(1), 4, { pose: "a" })).toEqual(
      track({ 4: { geometry: box(1), attributes: { pose: "a" } } }),
    );
  });
});
