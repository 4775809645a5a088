import { describe, expect, it } from "vitest";
import type {
  Annotation,
  Edit,
  Keyframe,
  Mask,
  Ontology,
  Polygon,
  Rectangle,
  Refused,
  Track,
} from "../document/types.ts";
import { maskOf } from "../geometry/patch.ts";
import { runsOf } from "../geometry/runs.ts";
import { keysOf, sightAt } from "../geometry/track.ts";
import { isThere } from "../geometry/track_standing.ts";
import { contents } from "../testing/arbitraries.ts";
import { Ledger } from "../testing/ledger.ts";
import { openOf } from "./completion.ts";
import { Labels } from "./labels.ts";
import { layerOf } from "./paint_layer.ts";

const SIZE = { width: 100, height: 80 };
const LAST = 29;
const box = (x: number): Rectangle => ({ type: "rectangle", x, y: 10, width: 20, height: 10 });
const track = (keyframes: Record<number, Keyframe>): Track => ({ type: "track", keyframes });
const car = (id: string, keyframes: Record<number, Keyframe>): Annotation => ({
  ...{ id, class_name: "car", revision: 1, geometry: track(keyframes) },
});
const ONTOLOGY: Ontology = {
  classes: [
    {
      name: "car",
      color: "#f00",
      attributes: [
        { name: "brakes", type: "radio", options: ["yes", "no"], required: true, mutable: true },
        { name: "make", type: "text", required: true },
        { name: "seen", type: "checkbox", options: ["plate", "driver"], mutable: true },
      ],
    },
    { name: "bus", color: "#0f0" },
  ],
};

/** The labels of a video on one of its frames, with a store that takes each edit at once. */
function desk(...annotations: Annotation[]) {
  const ledger = new Ledger();
  for (const annotation of annotations)
    ledger.held.set(annotation.id, { annotation, deleted: false });
  const edits: Edit[] = [];
  const refused: Refused[] = [];
  const said: string[] = [];
  const now = { frame: 0, tracks: true };
  const labels = new Labels(
    "t",
    { annotations, undo: [], redo: [], deleted: {} },
    {
      onEdits: (made) => {
        edits.push(...made);
        refused.push(...ledger.apply(made).refused);
      },
      onHistory: () => undefined,
      onMissed: () => undefined,
      say: (text) => void said.push(text),
    },
    () => false,
    () => ONTOLOGY,
    () => now.frame,
    () => now.tracks,
    () => LAST,
  );
  const of = (id: string) => {
    const geometry = labels.document.get(id)?.geometry;
    if (geometry?.type !== "track") throw new Error(`${id} is no track`);
    return geometry;
  };
  const same = () => expect(contents(ledger.annotations)).toEqual(contents(labels.document.all()));
  return { labels, now, edits, refused, said, of, same };
}

describe("answers that may change", () => {
  it("are part of the keyframe of this frame, and those of the whole are not", () => {
    const { labels, now, of, same, edits } = desk(car("a", { 0: { geometry: box(0) } }));
    labels.answer(["a"], "make", "Opel");
    now.frame = 4;
    labels.answer(["a"], "brakes", "yes");
    now.frame = 9;
    labels.answer(["a"], "brakes", "no");
    expect(labels.document.get("a")?.attributes).toEqual({ make: "Opel" });
    expect(keysOf(of("a"))).toEqual([0, 4, 9]);
    const at = (frame: number) => {
      now.frame = frame;
      return labels.answers("a");
    };
    expect([0, 4, 8, 20].map((frame) => at(frame).brakes)).toEqual([undefined, "yes", "yes", "no"]);
    expect(edits.at(-1)?.after?.geometry?.type).toBe("trackpatch");
    for (let k = 0; k < 3; k++) labels.undo();
    expect(keysOf(of("a"))).toEqual([0]);
    same();
  });

  it("fall back to what was held, or are none where there can be several", () => {
    const { labels, now } = desk(
      car("a", { 0: { geometry: box(0), attributes: { brakes: "yes", seen: ["plate"] } } }),
    );
    now.frame = 5;
    labels.answer(["a"], "brakes", "no");
    labels.answer(["a"], "brakes", "");
    labels.answer(["a"], "seen", []);
    expect(labels.answers("a")).toEqual({ brakes: "yes", seen: [] });
  });

  it("are not given where the object is not in the picture", () => {
    const { labels, now, said, edits } = desk(car("a", { 3: { geometry: box(0) } }));
    now.frame = 1;
    labels.answer(["a"], "brakes", "no");
    expect(said).toHaveLength(1);
    expect(edits).toEqual([]);
  });

  it("that are required must be there on every frame that shows the object", () => {
    const asked = ONTOLOGY.classes?.[0]?.attributes ?? [];
    const late = car("a", {
      0: { geometry: box(0) },
      4: { geometry: box(0), attributes: { brakes: "yes" } },
    });
    expect(openOf(late, asked)).toEqual({ names: ["brakes", "make"], frame: 0 });
    const first = car("a", { 2: { geometry: box(0), attributes: { brakes: "yes" } } });
    expect(openOf({ ...first, attributes: { make: "Opel" } }, asked).names).toEqual([]);
    const gone = car("a", {
      0: { outside: true },
      2: { geometry: box(0), attributes: { brakes: "yes" } },
    });
    expect(openOf(gone, asked).names).toEqual(["make"]);
  });

  it("go with the class that asked for them", () => {
    const { labels, of } = desk(
      car("a", { 0: { geometry: box(0), attributes: { brakes: "no" } } }),
    );
    labels.relabel(["a"], "bus");
    expect(of("a").keyframes[0]).toEqual({ geometry: box(0) });
    labels.undo();
    expect(of("a").keyframes[0]?.attributes).toEqual({ brakes: "no" });
  });
});

describe("on a frame of a video", () => {
  it("what is pasted begins a track there, as it was seen where it was copied", () => {
    const { labels, now, of } = desk(
      car("a", {
        0: { geometry: box(0), attributes: { brakes: "no" } },
        10: { geometry: box(50) },
      }),
    );
    now.frame = 10;
    const seen = labels.here("a");
    now.frame = 12;
    const [id = ""] = labels.paste(seen ? [seen] : [], 0, SIZE);
    expect(of(id)).toEqual(track({ 12: { geometry: box(50), attributes: { brakes: "no" } } }));
    now.tracks = false;
    const [flat = ""] = labels.paste(seen ? [seen] : [], 0, SIZE);
    expect(labels.document.get(flat)).toMatchObject({
      ...{ frame: 12, geometry: box(50), attributes: { brakes: "no" } },
    });
  });

  it("nudging moves the shape there alone, and locked tracks stay", () => {
    const { labels, now, of } = desk(car("a", { 0: { geometry: box(0) } }), {
      ...car("b", { 0: { geometry: box(0) } }),
      state: "locked",
    });
    now.frame = 6;
    labels.nudge(["a", "b"], 5, 0, SIZE);
    expect(keysOf(of("a"))).toEqual([0, 6]);
    expect(sightAt(of("a"), 6)?.geometry).toEqual(box(5));
    expect(keysOf(of("b"))).toEqual([0]);
  });

  it("a union leaves no trace of the other there, and all of it elsewhere", () => {
    const { labels, now, of, same } = desk(
      car("a", { 0: { geometry: box(0) } }),
      car("b", { 0: { geometry: box(20) } }),
    );
    now.frame = 6;
    labels.change([], [["a", { ...box(0), width: 40 }]], ["b"]);
    expect([5, 6, 7].map((frame) => isThere(of("b"), frame))).toEqual([true, false, true]);
    expect(sightAt(of("a"), 6)?.geometry).toMatchObject({ width: 40 });
    labels.undo();
    expect(keysOf(of("b"))).toEqual([0]);
    same();
  });

  it("a shape of another kind is refused", () => {
    const { labels, now, of, said } = desk(car("a", { 0: { geometry: box(0) } }));
    now.frame = 3;
    const triangle: Polygon = {
      type: "polygon",
      parts: [
        [
          [
            [0, 0],
            [9, 0],
            [0, 9],
          ],
        ],
      ],
    };
    labels.reshape([["a", triangle]]);
    expect(keysOf(of("a"))).toEqual([0]);
    expect(said).toHaveLength(1);
  });

  it("a copy to the next frame, or the one before, holds the shape", () => {
    const { labels, now, of } = desk(
      car("a", { 4: { geometry: box(0) }, 9: { geometry: box(50) } }),
    );
    now.frame = 9;
    expect(labels.copyTo(["a"], 9, 10)).toEqual(["a"]);
    expect(sightAt(of("a"), 10)?.geometry).toEqual(box(50));
    expect(labels.copyTo(["a"], 9, 8)).toEqual(["a"]);
    expect(sightAt(of("a"), 8)?.geometry).toEqual(box(50));
    now.frame = 1;
    expect(labels.copyTo(["a"], 1, 2)).toEqual([]);
  });
});

describe("masks through time", () => {
  const dot = (at: number): Mask => maskOf({ size: [8, 8], edges: Uint32Array.of(at, at + 2) });
  const empty = { size: [8, 8] as const, edges: new Uint32Array(0) };
  const blob: Annotation = { ...car("a", { 0: { geometry: dot(4) } }), class_name: "blob" };

  it("are painted from what is seen, and on a frame without them from nothing", () => {
    const layer = layerOf(blob, 5, empty, LAST);
    expect(layer?.runs).toEqual(runsOf(dot(4).rle));
    const made = layer?.put(runsOf(dot(20).rle));
    expect(made?.type === "track" && sightAt(made, 5)?.geometry).toEqual(dot(20));
    const late = { ...blob, geometry: track({ 7: { geometry: dot(4) } }) };
    expect(layerOf(late, 5, empty, LAST)?.runs).toBe(empty);
    expect(layerOf(car("b", { 0: { geometry: box(0) } }), 0, empty, LAST)).toBeNull();
  });

  it("of which nothing is left on a frame are not there, and there alone", () => {
    const made = layerOf(blob, 5, empty, LAST)?.put(empty);
    if (made?.type !== "track") throw new Error("no track");
    expect([4, 5, 6].map((frame) => isThere(made, frame))).toEqual([true, false, true]);
    const only = layerOf(blob, 0, empty, 0)?.put(empty);
    expect(only).toBeNull();
  });
});
