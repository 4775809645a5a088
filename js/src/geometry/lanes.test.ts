import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Annotation, Keyframe, Track } from "../document/types.ts";
import { Density } from "./density.ts";
import { nextGap, nextKey, nextLabelled, numbersOf, presence } from "./jumps.ts";
import { between, movedKeyframe, shifted, withEdge } from "./lane_edits.ts";
import { hitOn } from "./lane_hits.ts";
import { type LaneRow, rowsOf, rowWith } from "./lanes.ts";
import { laneOf } from "./spans.ts";
import { following, frameAt, panned, placeOf, wholeOf, zoomed } from "./time_window.ts";
import { isThere } from "./track_standing.ts";

const box = { type: "rectangle", x: 1, y: 2, width: 3, height: 4 } as const;
const here: Keyframe = { geometry: box };
const gone: Keyframe = { geometry: box, outside: true };

function track(keyframes: Record<string, Keyframe>): Track {
  return { type: "track", keyframes };
}

function label<G extends Annotation["geometry"]>(
  id: string,
  geometry: G,
  more: Partial<Pick<Annotation, "class_name" | "frame">> = {},
) {
  return { id, class_name: "car", geometry, revision: 1, ...more };
}

function event(id: string, first: number, last: number, className = "rain") {
  return label(id, { type: "interval", first, last } as const, { class_name: className });
}

const LENGTH = 60;
const tracks = fc
  .uniqueArray(
    fc.record({ frame: fc.nat(LENGTH - 1), outside: fc.boolean(), occluded: fc.boolean() }),
    { minLength: 1, maxLength: 12, selector: (one) => one.frame },
  )
  .map((all) =>
    track(
      Object.fromEntries(
        all.map(({ frame, outside, occluded }) => [
          frame,
          { geometry: box, ...(outside && { outside }), ...(occluded && { occluded }) },
        ]),
      ),
    ),
  );

describe("the lane of a track", () => {
  it("tells when it is there, where it is occluded, its keyframes and changes of answers", () => {
    const lane = laneOf(
      track({
        2: here,
        4: { ...here, occluded: true, attributes: { parked: "yes" } },
        6: here,
        8: gone,
        12: here,
      }),
    );
    expect(lane.spans).toEqual([
      { first: 2, last: 3, occluded: false },
      { first: 4, last: 5, occluded: true },
      { first: 6, last: 7, occluded: false },
      { first: 12, last: null, occluded: false },
    ]);
    expect(lane.keys).toEqual([2, 4, 6, 8, 12]);
    expect(lane.ticks).toEqual([4]);
  });

  it("has a bar on just those frames on which the track is in the picture", () => {
    fc.assert(
      fc.property(tracks, fc.nat(LENGTH - 1), (one, frame) => {
        const on = laneOf(one).spans.filter(
          ({ first, last }) => first <= frame && frame <= (last ?? LENGTH),
        );
        expect(on.length).toBe(isThere(one, frame) ? 1 : 0);
      }),
    );
  });
});

describe("the number of objects", () => {
  it("is on each frame what is in the picture there, whatever changed on the way", () => {
    fc.assert(
      fc.property(fc.array(fc.array(tracks, { maxLength: 5 }), { maxLength: 4 }), (states) => {
        const density = new Density(LENGTH);
        for (const all of states) density.update(all.map((one, i) => label(`t${i}`, one)));
        const last = states.at(-1) ?? [];
        const wanted = Array.from(
          { length: LENGTH },
          (_, frame) => last.filter((one) => isThere(one, frame)).length,
        );
        expect([...density.counts]).toEqual(wanted);
        expect(density.most).toBe(Math.max(...wanted));
        expect(density.within(10, 20)).toBe(Math.max(...wanted.slice(10, 20)));
      }),
    );
  });

  it("counts shapes of one frame on it, and neither tags nor events", () => {
    const density = new Density(5);
    const all = [
      label("a", box, { frame: 3 }),
      label("b", { type: "tag" }),
      event("c", 0, 4),
      label("d", box, { frame: 9 }),
    ];
    expect(density.update(all)).toBe(true);
    expect([...density.counts]).toEqual([0, 0, 0, 1, 0]);
    expect(density.update(all)).toBe(false);
    expect(density.update([])).toBe(true);
    expect(density.most).toBe(0);
  });
});

describe("the lanes", () => {
  const objects = [
    label("t1", track({ 0: here })),
    event("e1", 0, 9),
    event("e2", 5, 12),
    event("e3", 10, 20),
    event("f1", 1, 2, "night"),
    label("s", box, { frame: 2 }),
    label("t2", track({ 4: here })),
  ];

  it("are those of classes of events, stacked where they overlap, then those of tracks", () => {
    const rows = rowsOf(objects, ["fog", "rain"]);
    expect(
      rows.map((row) =>
        row.kind === "track"
          ? [row.annotation.id, row.number]
          : [row.className, row.level, row.events.map((one) => one.id)],
      ),
    ).toEqual([
      ["fog", 0, []],
      ["rain", 0, ["e1", "e3"]],
      ["rain", 1, ["e2"]],
      ["night", 0, ["f1"]],
      ["t1", 1],
      ["t2", 7],
    ]);
    expect(rowWith(rows, "e2")).toBe(2);
    expect(rowWith(rows, "t2")).toBe(5);
    expect(rowWith(rows, "s")).toBe(-1);
  });

  it("never have two events of one lane on one frame", () => {
    const spans = fc.array(fc.tuple(fc.nat(40), fc.nat(10)), { maxLength: 20 });
    fc.assert(
      fc.property(spans, (all) => {
        const rows = rowsOf(
          all.map(([first, more], i) => event(`e${i}`, first, first + more)),
          [],
        );
        for (const row of rows) {
          if (row.kind !== "events") continue;
          row.events.forEach((one, i) => {
            const before = row.events[i - 1];
            if (before) expect(one.geometry.first).toBeGreaterThan(before.geometry.last);
          });
        }
        expect(rows.flatMap((row) => (row.kind === "events" ? row.events : [])).length).toBe(
          all.length,
        );
      }),
    );
  });
});

describe("the window of time", () => {
  it("stays where it is pointed at when it is zoomed, within the video", () => {
    const whole = wholeOf(1000);
    const near = zoomed(whole, 500, 4, whole);
    expect(near).toEqual({ start: 375, end: 625 });
    expect(placeOf(near, 100, 500)).toBe(placeOf(whole, 100, 500));
    expect(zoomed(near, 500, 1e9, whole)).toEqual({ start: 496, end: 504 });
    expect(zoomed(near, 600, 1e-9, whole)).toEqual(whole);
    expect(zoomed(wholeOf(3), 1, 5, wholeOf(3))).toEqual({ start: 0, end: 3 });
    expect(panned(near, -1e6, whole)).toEqual({ start: 0, end: 250 });
    expect(panned(near, 1e6, whole)).toEqual({ start: 750, end: 1000 });
  });

  it("turns over to a frame that is out of sight, and to no other", () => {
    const window = { start: 100, end: 200 };
    expect(following(window, 150, wholeOf(1000))).toBe(window);
    expect(following(window, 200, wholeOf(1000))).toEqual({ start: 190, end: 290 });
    expect(following(window, 99, wholeOf(1000))).toEqual({ start: 9, end: 109 });
  });

  it("stays within a clip, whose frames have the numbers of the whole video", () => {
    const clip = { start: 100, end: 200 };
    expect(zoomed(clip, 150, 1e-9, clip)).toEqual(clip);
    const near = zoomed(clip, 150, 4, clip);
    expect(near).toEqual({ start: 137.5, end: 162.5 });
    expect(panned(near, -1e6, clip)).toEqual({ start: 100, end: 125 });
    expect(panned(near, 1e6, clip)).toEqual({ start: 175, end: 200 });
    expect(following(near, 199, clip)).toEqual({ start: 175, end: 200 });
    expect(frameAt(clip, 100, -5, clip)).toBe(100);
    expect(frameAt(clip, 100, 500, clip)).toBe(199);
  });

  it("finds the frame again whose middle is at a place", () => {
    fc.assert(
      fc.property(fc.nat(999), fc.integer({ min: 300, max: 2000 }), (frame, width) => {
        const window = following(
          zoomed(wholeOf(1000), 500, 4, wholeOf(1000)),
          frame,
          wholeOf(1000),
        );
        expect(frameAt(window, width, placeOf(window, width, frame + 0.5), wholeOf(1000))).toBe(
          frame,
        );
      }),
    );
    expect(frameAt(wholeOf(10), 100, -5, wholeOf(10))).toBe(0);
    expect(frameAt(wholeOf(10), 100, 500, wholeOf(10))).toBe(9);
  });
});

describe("what is under the pointer", () => {
  const window = wholeOf(100);
  const row: LaneRow = {
    kind: "track",
    annotation: label("t", track({ 10: here, 12: here, 60: gone })),
    number: 1,
  };
  it("is the nearest keyframe, else the track", () => {
    expect(hitOn(row, window, 1000, 107)).toMatchObject({ what: "keyframe", frame: 10 });
    expect(hitOn(row, window, 1000, 124)).toMatchObject({ what: "keyframe", frame: 12 });
    expect(hitOn(row, window, 1000, 603)).toMatchObject({ what: "keyframe", frame: 60 });
    expect(hitOn(row, window, 1000, 300)).toEqual({ what: "track", id: "t" });
  });

  it("is an edge of an event, the event, or its empty lane", () => {
    const [events] = rowsOf([event("e", 20, 39), event("one", 70, 70)], ["rain"]) as [LaneRow];
    const what = (x: number) => hitOn(events, window, 1000, x).what;
    expect([195, 203, 300, 396, 404].map(what)).toEqual([
      "first",
      "first",
      "event",
      "last",
      "last",
    ]);
    expect(hitOn(events, window, 1000, 500)).toEqual({ what: "empty", className: "rain" });
    expect([701, 705, 709].map(what)).toEqual(["first", "event", "last"]);
  });
});

describe("dragging", () => {
  it("moves a keyframe in time, never past its neighbours, and its time is asked for anew", () => {
    const before = track({ 2: here, 5: { ...here, pts: 77, occluded: true }, 9: here });
    expect(movedKeyframe(before, 5, 7, 30).keyframes).toEqual({
      2: here,
      7: { ...here, occluded: true },
      9: here,
    });
    expect(Object.keys(movedKeyframe(before, 5, 100, 30).keyframes)).toEqual(["2", "8", "9"]);
    expect(Object.keys(movedKeyframe(before, 5, -4, 30).keyframes)).toEqual(["2", "3", "9"]);
    expect(Object.keys(movedKeyframe(before, 9, 100, 30).keyframes)).toEqual(["2", "5", "30"]);
    expect(movedKeyframe(before, 5, 5, 30)).toBe(before);
    expect(movedKeyframe(before, 6, 8, 30)).toBe(before);
  });

  it("moves events and their edges, which do not pass each other", () => {
    const made = { type: "interval", first: 5, last: 8, first_pts: 50, last_pts: 80 } as const;
    expect(withEdge(made, "first", 2)).toEqual({ type: "interval", first: 2, last: 8 });
    expect(withEdge(made, "first", 20)).toEqual({ type: "interval", first: 8, last: 8 });
    expect(withEdge(made, "last", 1)).toEqual({ type: "interval", first: 5, last: 5 });
    expect(shifted(made, 3, 9)).toEqual({ type: "interval", first: 6, last: 9 });
    expect(shifted(made, -9, 9)).toEqual({ type: "interval", first: 0, last: 3 });
    expect(between(9, 4)).toEqual({ type: "interval", first: 4, last: 9 });
  });
});

describe("jumps", () => {
  const one = label("t", track({ 2: here, 6: gone, 10: here }));
  it("go to the nearest keyframe, shape of a frame, or edge of an event", () => {
    const all = [
      one,
      label("s", box, { frame: 4 }),
      event("e", 8, 20),
      label("g", { type: "tag" }),
    ];
    expect([0, 2, 4, 6, 8, 10, 20].map((frame) => nextKey(all, frame, 1))).toEqual([
      2,
      4,
      6,
      8,
      10,
      20,
      null,
    ]);
    expect([30, 10, 2].map((frame) => nextKey(all, frame, -1))).toEqual([20, 8, null]);
  });

  it("go to where what is selected is not there, and to where anything is", () => {
    const there = presence([one], 12);
    expect([...there]).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1]);
    expect([0, 3, 6, 7].map((frame) => nextGap(there, frame, 1))).toEqual([6, 6, null, null]);
    expect([11, 8, 6, 0].map((frame) => nextGap(there, frame, -1))).toEqual([6, 6, 0, null]);
    const density = new Density(12);
    density.update([one]);
    const all = numbersOf(density, []);
    expect([0, 5, 11].map((frame) => nextLabelled(all, frame, 1))).toEqual([2, 10, null]);
    expect([11, 10, 2].map((frame) => nextLabelled(all, frame, -1))).toEqual([10, 5, null]);
    expect([...numbersOf(density, [event("e", 3, 4)])]).toEqual([
      0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});
