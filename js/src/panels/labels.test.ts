import { describe, expect, it } from "vitest";
import type { Annotation, Applied, Edit, Geometry, Rectangle, Refused } from "../document/types.ts";
import { contents } from "../testing/arbitraries.ts";
import { Ledger } from "../testing/ledger.ts";
import { Labels } from "./labels.ts";

const BOX: Rectangle = { type: "rectangle", x: 10, y: 10, width: 20, height: 10 };
const SIZE = { width: 100, height: 80 };

const car = (id: string, over: Partial<Annotation> = {}): Annotation => ({
  ...{ id, class_name: "car", geometry: BOX, revision: 1 },
  ...over,
});

/** The labels of one task, with a store that takes each edit at once. */
function desk(...annotations: Annotation[]) {
  const ledger = new Ledger();
  for (const annotation of annotations)
    ledger.held.set(annotation.id, { annotation, deleted: false });
  const edits: Edit[] = [];
  const said: string[] = [];
  const refused: Refused[] = [];
  const frozen = { now: false };
  const listener = {
    onEdits: (made: readonly Edit[]) => {
      edits.push(...made);
      refused.push(...ledger.apply(made).refused);
    },
    onHistory: () => undefined,
    onMissed: () => undefined,
    say: (text: string) => void said.push(text),
  };
  const body = { annotations, undo: [], redo: [], deleted: {} };
  const labels = new Labels("t", body, listener, () => frozen.now);
  const shown = () => contents(labels.document.all());
  const stored = () => contents(ledger.annotations);
  return { labels, ledger, edits, said, refused, frozen, shown, stored };
}

const remote = (over: Partial<Applied>): Applied => ({
  ...{ id: "r1", task: "t", kind: "update", annotation: "a", revision: 2, actor: "bob" },
  ...over,
});
const nobody = () => false;

describe("undo and redo", () => {
  it("take back and bring again each gesture, and the store follows", () => {
    const { labels, shown, stored, edits, refused } = desk(car("a"), car("b"));
    const states = [shown()];
    const did = (work: () => void) => {
      work();
      states.push(shown());
    };
    did(() => labels.create("bus", BOX, { colour: "red" }));
    did(() => labels.nudge(["a", "b"], 5, 5, SIZE));
    did(() => labels.relabel(["a"], "bus"));
    did(() => labels.answer(["a", "b"], "colour", "blue"));
    did(() => labels.answerImage("weather", "rain"));
    did(() => labels.setLock(["b"], true));
    did(() => labels.remove(["a"]));
    did(() => labels.setLock(["b"], false));
    did(() => labels.remove(["b"]));
    for (let i = states.length - 2; i >= 0; i--) {
      labels.undo();
      expect(shown()).toEqual(states[i]);
    }
    expect(labels.history.canUndo).toBe(false);
    for (let i = 1; i < states.length; i++) {
      labels.redo();
      expect(shown()).toEqual(states[i]);
    }
    expect(labels.history.canRedo).toBe(false);
    expect(stored()).toEqual(shown());
    expect(refused).toEqual([]);
    expect(edits.filter((edit) => edit.undoes)).not.toEqual([]);
  });

  it("bring deleted objects back, and say which objects it was about", () => {
    const { labels, shown, edits } = desk(car("a", { attributes: { colour: "red" } }), car("b"));
    const before = shown();
    labels.remove(["a", "b"]);
    expect(labels.document.size).toBe(0);
    expect(labels.undo()).toEqual(["b", "a"]);
    expect(shown()).toEqual(before);
    expect(edits.slice(-2).map((edit) => [edit.kind, edit.base])).toEqual([
      ["create", 2],
      ["create", 2],
    ]);
    expect(labels.redo()).toEqual([]);
    expect(labels.document.size).toBe(0);
  });

  it("with nothing left do nothing", () => {
    const { labels, edits, said } = desk(car("a"));
    expect(labels.undo()).toEqual([]);
    expect(labels.redo()).toEqual([]);
    expect([edits, said]).toEqual([[], []]);
  });

  it("of what others have deleted since is said, and skipped", () => {
    const { labels, said } = desk(car("a"), car("b"));
    labels.nudge(["b"], 1, 0, SIZE);
    labels.nudge(["a"], 1, 0, SIZE);
    labels.applied([remote({ kind: "delete", revision: 3 })], nobody, "ana");
    expect(labels.undo()).toEqual([]);
    expect(said).toEqual(["That object was changed elsewhere since; this step cannot be taken."]);
    expect(labels.undo()).toEqual(["b"]);
  });

  it("take the gestures that this person made elsewhere, not those of others", () => {
    const { labels, shown } = desk(car("a"), car("b"));
    const before = shown();
    const moved = { geometry: { ...BOX, x: 50 } };
    labels.applied(
      [
        remote({ actor: "ana", after: moved, gesture: "g" }),
        remote({ actor: "ana", id: "r2", annotation: "b", kind: "delete", gesture: "g" }),
        remote({ id: "r3", revision: 3, after: { class_name: "bus" } }),
      ],
      nobody,
      "ana",
    );
    expect(labels.undo()).toEqual(["b", "a"]);
    expect(shown()).toEqual({ ...before, a: contents([car("a", { class_name: "bus" })]).a });
    expect(labels.history.canUndo).toBe(false);
  });

  it("of gestures of earlier days are for the store", () => {
    const listener = {
      onEdits: () => undefined,
      onHistory: () => undefined,
      onMissed: () => undefined,
      say: () => undefined,
    };
    const body = { annotations: [car("a")], undo: ["g1", "g2"], redo: ["g3"], deleted: {} };
    const labels = new Labels("t", body, listener, () => false);
    expect(labels.undo()).toEqual({ past: "g2" });
    expect(labels.redo()).toEqual({ past: "g3" });
  });
});

describe("create and paste", () => {
  it("creates with a class, a shape and answers, none if there are none", () => {
    const { labels, edits } = desk();
    const id = labels.create("car", BOX);
    expect(edits[0]).toMatchObject({ kind: "create", annotation: id, base: 0 });
    expect(edits[0]?.after).toEqual({ class_name: "car", geometry: BOX });
    labels.create("car", BOX, { colour: "red" });
    expect(edits[1]?.after?.attributes).toEqual({ colour: "red" });
  });

  it("pastes copies as new objects, in one gesture, moved a little", () => {
    const { labels, edits } = desk(
      car("a", { attributes: { colour: "red" }, state: "locked" }),
      car("b", { geometry: { ...BOX, x: 40 } }),
    );
    const ids = labels.paste(labels.objects(), 5, SIZE);
    expect(ids).toHaveLength(2);
    expect(new Set(edits.map((edit) => edit.gesture)).size).toBe(1);
    expect(labels.document.get(ids[0] ?? "")).toMatchObject({
      class_name: "car",
      attributes: { colour: "red" },
      geometry: { ...BOX, x: 15, y: 15 },
      revision: 1,
    });
    expect(labels.document.get(ids[0] ?? "")?.state).toBeUndefined();
    expect(labels.document.get(ids[1] ?? "")?.geometry).toEqual({ ...BOX, x: 45, y: 15 });
  });

  it("pastes on the picture, together", () => {
    const { labels } = desk(car("a", { geometry: { ...BOX, x: 78 } }), car("b"));
    const ids = labels.paste(labels.objects(), 5, SIZE);
    const places = ids.map((id) => labels.document.get(id)?.geometry as Rectangle);
    expect(places.map(({ x, y }) => [x, y])).toEqual([
      [80, 15],
      [12, 15],
    ]);
  });

  it("says what does not fit on another picture", () => {
    const { labels, edits, said } = desk(car("a"));
    expect(labels.paste(labels.objects(), 0, { width: 20, height: 20 })).toEqual([]);
    expect(edits).toEqual([]);
    expect(said).toEqual(["What was copied does not fit on this picture."]);
  });
});

describe("changing", () => {
  it("relabel clears the answers, which were to another class's questions", () => {
    const { labels, edits } = desk(car("a", { attributes: { doors: ["left"] } }), car("b"));
    labels.relabel(["a", "b"], "bus");
    expect(labels.document.get("a")).toMatchObject({ class_name: "bus", attributes: {} });
    labels.relabel(["a"], "bus");
    expect(edits).toHaveLength(2);
    labels.undo();
    expect(labels.document.get("a")).toMatchObject({
      class_name: "car",
      attributes: { doors: ["left"] },
    });
  });

  it("an answer that is the answer already is no edit", () => {
    const { labels, edits } = desk(car("a", { attributes: { colour: "red", note: "x" } }));
    labels.answer(["a"], "colour", "red");
    expect(edits).toEqual([]);
    labels.answer(["a"], "colour", "");
    expect(labels.document.get("a")?.attributes).toEqual({ note: "x" });
  });

  it("the image's answers are one tag of their own, and no object", () => {
    const { labels, edits } = desk(car("a"));
    labels.answerImage("weather", "rain");
    labels.answerImage("weather", "snow");
    expect(edits.map((edit) => [edit.kind, edit.annotation])).toEqual([
      ["create", "t:image"],
      ["update", "t:image"],
    ]);
    expect(edits[0]?.after).toMatchObject({ class_name: null, geometry: { type: "tag" } });
    expect(labels.objects().map((one) => one.id)).toEqual(["a"]);
  });

  it("nudges all that is selected together, as far as the picture goes", () => {
    const { labels, edits } = desk(car("a"), car("b", { geometry: { ...BOX, x: 75 } }));
    labels.nudge(["a", "b"], 10, 0, SIZE);
    expect(labels.document.get("a")?.geometry).toEqual({ ...BOX, x: 15 });
    expect(labels.document.get("b")?.geometry).toEqual({ ...BOX, x: 80 });
    labels.nudge(["a", "b"], 10, 0, SIZE);
    expect(edits).toHaveLength(2);
  });

  it("locks and unlocks those that are not yet", () => {
    const { labels, edits } = desk(car("a"), car("b", { state: "locked" }));
    labels.setLock(["a", "b"], true);
    expect(edits.map((edit) => [edit.annotation, edit.after])).toEqual([
      ["a", { state: "locked" }],
    ]);
    labels.setLock(["a", "b"], false);
    expect(edits).toHaveLength(3);
  });
});

describe("locked objects", () => {
  it("stay as they are, and it is said", () => {
    const { labels, edits, said, shown } = desk(car("a", { state: "locked" }));
    const before = shown();
    labels.remove(["a"]);
    labels.relabel(["a"], "bus");
    labels.answer(["a"], "colour", "red");
    labels.nudge(["a"], 1, 1, SIZE);
    expect(edits).toEqual([]);
    expect(shown()).toEqual(before);
    expect(said).toHaveLength(4);
    expect(said[0]).toContain("Unlock");
  });

  it("do not keep the others from being changed", () => {
    const { labels, edits } = desk(car("a", { state: "locked" }), car("b"));
    labels.remove(["a", "b"]);
    expect(labels.document.ids()).toEqual(["a"]);
    expect(edits).toHaveLength(1);
  });
});

describe("a submitted task", () => {
  it("takes no change, no undo and no redo, and says so", () => {
    const { labels, edits, said, frozen, shown } = desk(car("a"));
    labels.nudge(["a"], 1, 0, SIZE);
    labels.nudge(["a"], 1, 0, SIZE);
    labels.undo();
    frozen.now = true;
    const [before, count] = [shown(), edits.length];
    labels.remove(["a"]);
    expect(labels.create("car", BOX)).toBeNull();
    expect(labels.paste(labels.objects(), 1, SIZE)).toEqual([]);
    labels.undo();
    labels.redo();
    expect(shown()).toEqual(before);
    expect(edits).toHaveLength(count);
    expect(said).toHaveLength(5);
    expect(said[0]).toContain("Reopen");
    frozen.now = false;
    expect(labels.undo()).toEqual(["a"]);
  });
});

describe("what the store refused", () => {
  /** The same object changed here and elsewhere; the store has the other version. */
  function conflict(kind: "update" | "delete", there: Annotation | null) {
    const made = desk(car("a"));
    made.ledger.held.set("a", {
      annotation: there ?? car("a", { revision: 2 }),
      deleted: there === null,
    });
    if (kind === "delete") made.labels.remove(["a"]);
    else made.labels.nudge(["a"], 7, 0, SIZE);
    const [refused] = made.refused;
    const [edit] = made.edits;
    if (!refused || !edit) throw new Error("The store should have refused the edit.");
    const mine = made.labels.refused(refused, edit);
    return { ...made, edit, mine };
  }

  it("is as the store has it, and cannot be undone", () => {
    const theirs = car("a", { class_name: "bus", revision: 2 });
    const { labels, shown, stored } = conflict("update", theirs);
    expect(labels.document.get("a")).toEqual(theirs);
    expect(shown()).toEqual(stored());
    expect(labels.history.canUndo).toBe(false);
  });

  it("can be done again on top of theirs", () => {
    const theirs = car("a", { class_name: "bus", revision: 2 });
    const { labels, edit, mine, shown, stored, refused } = conflict("update", theirs);
    labels.insist(edit, mine);
    expect(refused).toHaveLength(1);
    expect(labels.document.get("a")).toMatchObject({
      class_name: "bus",
      geometry: { ...BOX, x: 17 },
      revision: 3,
    });
    expect(shown()).toEqual(stored());
    expect(labels.history.canUndo).toBe(true);
  });

  it("a deletion can be done again, too", () => {
    const { labels, edit, mine, shown, stored } = conflict("delete", car("a", { revision: 2 }));
    expect(labels.document.has("a")).toBe(true);
    labels.insist(edit, mine);
    expect(labels.document.has("a")).toBe(false);
    expect(shown()).toEqual(stored());
  });

  it("a deletion of what was deleted leaves nothing to do", () => {
    const { labels, edit, mine, edits } = conflict("delete", null);
    labels.insist(edit, mine);
    expect(edits).toHaveLength(1);
    expect(labels.document.has("a")).toBe(false);
  });

  it("insisting on an answer to what was deleted brings the object back with it", () => {
    const { labels, ledger, refused, edits } = desk(car("a"));
    ledger.held.set("a", { annotation: car("a", { revision: 2 }), deleted: true });
    labels.answer(["a"], "colour", "red");
    const mine = labels.refused(refused[0] as Refused, edits[0] as Edit);
    labels.insist(edits[0] as Edit, mine);
    expect(edits[1]).toMatchObject({
      kind: "create",
      annotation: "a",
      after: { class_name: "car", attributes: { colour: "red" } },
    });
    expect(labels.document.has("a")).toBe(true);
  });

  it("an undo that the store refused can be undone again, and is not to redo", () => {
    const { labels, ledger, refused, edits } = desk(car("a"));
    labels.nudge(["a"], 1, 0, SIZE);
    // Elsewhere at the same time:
    const now = ledger.held.get("a")?.annotation as Annotation;
    ledger.held.set("a", {
      annotation: { ...now, revision: 3, class_name: "bus" },
      deleted: false,
    });
    labels.undo();
    labels.refused(refused[0] as Refused, edits[1] as Edit);
    expect([labels.history.canUndo, labels.history.canRedo]).toEqual([true, false]);
  });
  it("insisting on a new shape of what was deleted makes a whole object", () => {
    const { labels, ledger, refused, edits } = desk(car("a"));
    ledger.held.set("a", { annotation: car("a", { revision: 2 }), deleted: true });
    labels.nudge(["a"], 1, 0, SIZE);
    const mine = labels.refused(refused[0] as Refused, edits[0] as Edit);
    labels.insist(edits[0] as Edit, mine);
    expect(edits.at(-1)?.after).toHaveProperty("class_name", "car");
  });
  it("a lock that this person set elsewhere can be undone", () => {
    const { labels, ledger, refused, edits } = desk(car("a"));
    const made = {
      id: "r",
      task: "t",
      kind: "update",
      annotation: "a",
      base: 1,
      after: { state: "locked" },
    } as const;
    const { applied } = ledger.apply([made]);
    labels.applied(applied, nobody, "ana");
    labels.undo();
    expect(refused).toEqual([]);
    expect(edits.at(-1)?.after).toEqual({ state: "editable" });
  });
  it("of two changes made in a row the first is refused, the second taken: the page shows what the store has", () => {
    const ledger = new Ledger();
    ledger.held.set("a", { annotation: car("a"), deleted: false });
    const edits: Edit[] = [];
    const listener = {
      onEdits: (made: readonly Edit[]) => void edits.push(...made),
      onHistory: () => undefined,
      onMissed: () => undefined,
      say: () => undefined,
    };
    const labels = new Labels(
      "t",
      { annotations: [car("a")], undo: [], redo: [], deleted: {} },
      listener,
      () => false,
    );
    labels.nudge(["a"], 1, 0, SIZE);
    labels.answer(["a"], "colour", "red");
    ledger.apply([
      {
        id: "x",
        task: "t",
        kind: "update",
        annotation: "a",
        base: 1,
        after: { class_name: "bus" },
      },
    ]);
    const { applied, refused } = ledger.apply(edits);
    // The link tells what was applied first, then what was refused.
    labels.applied(applied, () => true, "ana");
    for (const one of refused)
      labels.refused(one, edits.find((edit) => edit.id === one.id) as Edit);
    expect(contents(labels.document.all())).toEqual(contents(ledger.annotations));
  });
});

describe("a huge gesture", () => {
  it("travels in pieces that fit into messages, and is undone piece by piece", () => {
    const ring = Array.from({ length: 400 }, (_, i) => [i % 97, (i * i) % 79] as const);
    const shapes = Array.from({ length: 1200 }, (_, i) =>
      car(`a${i}`, { geometry: { type: "polyline", points: ring } }),
    );
    const { labels, edits, shown, stored } = desk(...shapes);
    const before = shown();
    labels.nudge(
      shapes.map((one) => one.id),
      1,
      1,
      SIZE,
    );
    const gestures = new Map<string | undefined, Edit[]>();
    for (const edit of edits)
      gestures.set(edit.gesture, [...(gestures.get(edit.gesture) ?? []), edit]);
    expect(gestures.size).toBeGreaterThan(1);
    for (const some of gestures.values()) {
      expect(JSON.stringify(some).length).toBeLessThan(4 * 1024 * 1024);
    }
    expect(shown()).toEqual(stored());
    for (let i = 0; i < gestures.size; i++) labels.undo();
    expect(shown()).toEqual(before);
    expect(shown()).toEqual(stored());
  });
});

describe("what others did", () => {
  it("is shown, once, and is not this person's to undo", () => {
    const { labels } = desk(car("a"));
    const geometry: Geometry = { ...BOX, x: 3 };
    labels.applied([remote({ after: { geometry } })], nobody, "ana");
    labels.applied([remote({ after: { geometry: BOX } })], nobody, "ana");
    expect(labels.document.get("a")?.geometry).toEqual(geometry);
    expect(labels.history.canUndo).toBe(false);
  });

  it("of another task, or this view's own, is passed over", () => {
    const { labels } = desk(car("a"));
    labels.applied([remote({ task: "other", after: { class_name: "bus" } })], nobody, "ana");
    labels.applied([remote({ after: { class_name: "bus" } })], () => true, "ana");
    expect(labels.document.get("a")?.class_name).toBe("car");
  });
});

describe("turning and scaling by keys", () => {
  it("is about the middle of the frame, and a gesture like any other", () => {
    const { labels, shown, stored } = desk(car("a"), car("b", { geometry: { ...BOX, x: 50 } }));
    const before = shown();
    labels.turn(["a"], 90, SIZE);
    expect(labels.document.get("a")?.geometry).toEqual({ ...BOX, y: 10, angle: 90 });
    labels.scale(["a", "b"], 1.1, SIZE);
    expect(labels.document.get("b")?.geometry).toMatchObject({ width: 22, height: 11 });
    expect(stored()).toEqual(shown());
    labels.undo();
    labels.undo();
    expect(shown()).toEqual(before);
  });

  it("stays on the picture, or says why not", () => {
    const wide: Rectangle = { type: "rectangle", x: 0, y: 30, width: 100, height: 4 };
    const { labels, said, edits } = desk(car("a", { geometry: wide }));
    labels.turn(["a"], 90, SIZE);
    expect(said[0]).toContain("no room");
    labels.scale(["a"], 1.1, SIZE);
    expect(edits).toEqual([]);
  });

  it("leaves locked objects and what has no shape alone", () => {
    const tag = car("t", { geometry: { type: "tag" } });
    const { labels, edits } = desk(car("a", { state: "locked" }), tag);
    labels.turn(["a", "t"], 15, SIZE);
    expect(edits).toEqual([]);
  });
});

describe("tags", () => {
  it("are switched on and off, each a gesture that can be undone", () => {
    const { labels, shown, stored } = desk();
    const id = labels.toggleTag("night");
    expect(labels.tagsOf("night").map((one) => one.id)).toEqual([id]);
    expect(labels.toggleTag("night")).toBeNull();
    expect(labels.tagsOf("night")).toEqual([]);
    labels.undo();
    expect(labels.tagsOf("night")).toHaveLength(1);
    expect(stored()).toEqual(shown());
  });

  it("are not copied onto an image that has them", () => {
    const tag = car("a", { geometry: { type: "tag" } });
    expect(desk(tag).labels.paste([tag], 5, SIZE)).toEqual([]);
    expect(desk().labels.paste([tag], 5, SIZE)).toHaveLength(1);
  });

  it("that came in twice go together; locked ones stay", () => {
    const tag = (id: string, over = {}) => car(id, { geometry: { type: "tag" }, ...over });
    const { labels, said } = desk(tag("a"), tag("b"), tag("c", { state: "locked" }));
    labels.toggleTag("car");
    expect(labels.tagsOf("car").map((one) => one.id)).toEqual(["c"]);
    expect(said).toHaveLength(1);
  });
});
