import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskOf } from "../geometry/patch.ts";
import { equalRuns, runsFromBitmap, runsOf } from "../geometry/runs.ts";
import { content, contents, drafts, mask, NAMES, patch } from "../testing/arbitraries.ts";
import { Ledger } from "../testing/ledger.ts";
import { type Change, type Commit, type Draft, LabelDocument } from "./document.ts";
import { again, type Entry, History, inverse } from "./history.ts";
import type { Annotation, Applied, Edit, Fields, Geometry, Gesture, MaskPatch } from "./types.ts";

const BOX: Geometry = { type: "rectangle", x: 1, y: 2, width: 3, height: 4 };
const CAR: Fields = { class_name: "car", geometry: BOX };

function open(...annotations: Annotation[]): LabelDocument {
  const document = new LabelDocument("t");
  document.load(annotations);
  return document;
}

/** Everything that is known of the annotations: contents, and revisions also of the deleted. */
function state(document: LabelDocument): unknown {
  const all = [...document.all()].map((one) => [one.id, { ...content(one), at: one.revision }]);
  return Object.fromEntries(all as [string, unknown][]);
}

function stored(ledger: Ledger): unknown {
  return Object.fromEntries(
    ledger.annotations.map((one) => [one.id, { ...content(one), at: one.revision }]),
  );
}

/** Commit, and send to the store what came of it: it must take everything. */
function commit(
  document: LabelDocument,
  ledger: Ledger,
  wanted: readonly Draft[],
  intent = {},
): { made: Commit; applied: Applied[] } | null {
  const made = document.commit(wanted, intent);
  if (!made) return null;
  const { applied, refused } = ledger.apply(made.edits);
  expect(refused).toEqual([]);
  return { made, applied };
}

/** The drafts that a lock would not forbid, as the panels send no others. */
function allowed(document: LabelDocument, wanted: readonly Draft[]): Draft[] {
  const locked = new Map(NAMES.map((name) => [name as string, isLocked(document, name)]));
  return wanted.filter((draft) => {
    const name = draft.annotation ?? "";
    const after = "after" in draft ? draft.after : {};
    const here = locked.get(name) && (document.has(name) || draft.kind !== "create");
    const may = !here || (draft.kind === "update" && Object.keys(after).join() === "state");
    if (may && after.state) locked.set(name, after.state === "locked");
    return may;
  });
}

function isLocked(document: LabelDocument, id: string): boolean {
  return document.get(id)?.state === "locked";
}

/** A gesture of this page, whose steps are known. */
function known(entry: Entry | undefined): Gesture | undefined {
  return entry?.edits ? entry : undefined;
}

describe("commit", () => {
  it("makes an edit of each change, on the revision that it was made against", () => {
    const document = open({ id: "a", revision: 3, ...CAR } as Annotation);
    const wanted: Draft[] = [
      { kind: "update", annotation: "a", after: { class_name: "bus" } },
      { kind: "update", annotation: "a", after: { attributes: { colour: "red" } } },
      { kind: "create", annotation: "b", after: CAR },
      { kind: "delete", annotation: "a" },
    ];
    const made = document.commit(wanted);
    expect(made?.edits.map((edit) => [edit.kind, edit.annotation, edit.base])).toEqual([
      ["update", "a", 3],
      ["update", "a", 4],
      ["create", "b", 0],
      ["delete", "a", 5],
    ]);
    expect(new Set(made?.edits.map((edit) => edit.gesture))).toEqual(new Set([made?.gesture.id]));
    expect(made?.edits[0]?.id).toBe(made?.gesture.id);
    expect(new Set(made?.edits.map((edit) => edit.id)).size).toBe(4);
    expect(made?.edits[3]).not.toHaveProperty("after");
    expect(document.ids()).toEqual(["b"]);
    expect(document.get("b")).toEqual({ id: "b", revision: 1, ...CAR });
  });

  it("gives a gesture of one edit no name of its own", () => {
    const made = open().commit([{ kind: "create", after: CAR }]);
    expect(made?.edits).toHaveLength(1);
    expect(made?.edits[0]).not.toHaveProperty("gesture");
    expect(made?.edits[0]?.id).toBe(made?.gesture.id);
    expect(made?.edits[0]?.annotation).toMatch(/^[0-9a-z]{20}$/);
  });

  it("passes over what is not there, or there already", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    const changes: Change[] = [];
    document.subscribe((change) => changes.push(change));
    const wanted: Draft[] = [
      { kind: "create", annotation: "a", after: CAR },
      { kind: "update", annotation: "gone", after: { class_name: "bus" } },
      { kind: "delete", annotation: "gone" },
    ];
    expect(document.commit(wanted)).toBeNull();
    expect(changes).toEqual([]);
    expect(document.get("a")?.revision).toBe(1);
  });

  it("brings back what was deleted on the revision of the deletion", () => {
    const document = new LabelDocument("t");
    document.load([], { a: 7 });
    const made = document.commit([{ kind: "create", annotation: "a", after: CAR }]);
    expect(made?.edits[0]?.base).toBe(7);
    expect(document.get("a")?.revision).toBe(8);
  });

  it("tells once of all that a gesture changed", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    const changes: Change[] = [];
    const leave = document.subscribe((change) => changes.push(change));
    document.commit([
      { kind: "create", annotation: "b", after: CAR },
      { kind: "update", annotation: "a", after: { class_name: "bus" } },
    ]);
    expect(changes).toEqual([{ created: ["b"], updated: ["a"], deleted: [], origin: "local" }]);
    leave();
    document.commit([{ kind: "delete", annotation: "a" }]);
    expect(changes).toHaveLength(1);
  });

  it("is taken by the store, edit by edit, and by another view", () => {
    fc.assert(
      fc.property(fc.array(drafts, { maxLength: 12, size: "max" }), (gestures) => {
        const document = open();
        const other = open();
        const ledger = new Ledger();
        for (const wanted of gestures) {
          const done = commit(document, ledger, allowed(document, wanted));
          for (const applied of done?.applied ?? []) expect(other.applyRemote(applied)).toBe(true);
          expect(state(document)).toEqual(stored(ledger));
          expect(state(other)).toEqual(state(document));
        }
        const bases = new Map<string, number>();
        for (const edit of ledger.log) {
          expect(edit.base).toBe(bases.get(edit.annotation) ?? 0);
          bases.set(edit.annotation, edit.base + 1);
        }
      }),
    );
  });
});

describe("undo and redo", () => {
  it("undoing all, then redoing all, goes through exactly the same states", () => {
    fc.assert(
      fc.property(
        fc.array(drafts, { maxLength: 4, size: "max" }),
        fc.array(drafts, { minLength: 1, maxLength: 10, size: "max" }),
        (first, gestures) => {
          const document = open();
          const ledger = new Ledger();
          const history = new History();
          for (const wanted of first) commit(document, ledger, allowed(document, wanted));
          const states = [contents(document.all())];
          const made: string[] = [];
          for (const wanted of gestures) {
            const done = commit(document, ledger, allowed(document, wanted));
            if (!done) continue;
            history.record(done.made.gesture);
            made.push(done.made.gesture.id);
            states.push(contents(document.all()));
          }
          for (let i = made.length - 1; i >= 0; i--) {
            const gesture = known(history.nextUndo);
            if (!gesture) throw new Error("Nothing to undo.");
            expect(gesture.id).toBe(made[i]);
            const undo = commit(document, ledger, inverse(gesture), { undoes: gesture.id });
            if (!undo) throw new Error("Nothing was undone.");
            expect(undo.made.edits.every((edit) => edit.undoes === gesture.id)).toBe(true);
            history.record(undo.made.gesture, gesture.id);
            expect(contents(document.all())).toEqual(states[i]);
          }
          expect(history.canUndo).toBe(false);
          for (let i = 0; i < made.length; i++) {
            const gesture = known(history.nextRedo);
            if (!gesture) throw new Error("Nothing to redo.");
            expect(gesture.id).toBe(made[i]);
            const redo = commit(document, ledger, again(gesture), { redoes: gesture.id });
            if (!redo) throw new Error("Nothing was redone.");
            history.record(redo.made.gesture, null, gesture.id);
            expect(contents(document.all())).toEqual(states[i + 1]);
          }
          expect(history.canRedo).toBe(false);
          expect(state(document)).toEqual(stored(ledger));
        },
      ),
    );
  }, 30_000);

  it("with others' changes between, what is undone is still what the store has", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("mine" as const), drafts }),
      fc.record({ do: fc.constant("theirs" as const), drafts }),
      fc.record({ do: fc.constantFrom("undo" as const, "redo" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25, size: "max" }), (steps) => {
        const document = open();
        const theirs = open();
        const history = new History();
        const ledger = new Ledger();
        for (const one of steps) {
          const from = one.do === "theirs" ? theirs : document;
          const to = one.do === "theirs" ? document : theirs;
          const gesture = known(one.do === "undo" ? history.nextUndo : history.nextRedo);
          const undoing = one.do === "undo" || one.do === "redo";
          if (undoing && !gesture) continue;
          const back = gesture ? (one.do === "undo" ? inverse(gesture) : again(gesture)) : [];
          const wanted = "drafts" in one ? one.drafts : back;
          const done = commit(from, ledger, allowed(from, wanted));
          if (done && from === document) {
            const id = undoing ? gesture?.id : null;
            if (one.do === "undo") history.record(done.made.gesture, id);
            else if (one.do === "redo") history.record(done.made.gesture, null, id);
            else history.record(done.made.gesture);
          } else if (undoing && gesture) history.forget(gesture.id);
          for (const applied of done?.applied ?? []) expect(to.applyRemote(applied)).toBe(true);
          expect(state(document)).toEqual(stored(ledger));
          expect(state(theirs)).toEqual(stored(ledger));
        }
      }),
    );
  });

  it("sets back to nothing a field that was not there", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    const after: Fields = { state: "locked", attributes: { colour: "red" }, frame: 3 };
    const made = document.commit([{ kind: "update", annotation: "a", after }]);
    const undo = document.commit(inverse(made?.gesture ?? { id: "", edits: [] }));
    expect(JSON.parse(JSON.stringify(undo?.edits[0]?.after))).toEqual({
      state: "editable",
      attributes: {},
      frame: null,
    });
  });

  it("takes a gesture back from its last step to its first", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    const made = document.commit([
      { kind: "update", annotation: "a", after: { class_name: "bus" } },
      { kind: "update", annotation: "a", after: { class_name: "tram" } },
      { kind: "delete", annotation: "a" },
    ]);
    document.commit(inverse(made?.gesture ?? { id: "", edits: [] }));
    expect(document.get("a")).toMatchObject({ class_name: "car", geometry: BOX, revision: 7 });
  });
});

describe("patches of masks", () => {
  const WHOLE = maskOf(runsFromBitmap(new Uint8Array(42), 7, 6));
  const DOT: MaskPatch = { type: "maskpatch", x: 2, y: 3, rle: { size: [1, 2], counts: "02" } };
  const holding = () => open({ id: "a", class_name: "car", geometry: WHOLE, revision: 1 });
  const update = (geometry: Geometry | MaskPatch): Draft[] => [
    { kind: "update", annotation: "a", after: { geometry } },
  ];
  const runsIn = (document: LabelDocument) => {
    const geometry = document.get("a")?.geometry;
    if (geometry?.type !== "mask") throw new Error("There is no mask.");
    return runsOf(geometry.rle);
  };

  it("are laid into the record, and travel and are remembered as they are", () => {
    const document = holding();
    const made = document.commit(update(DOT));
    expect([...runsIn(document).edges]).toEqual([15, 16, 21, 22]);
    expect(made?.edits[0]?.after).toEqual({ geometry: DOT });
    const before = { ...DOT, rle: { size: [1, 2], counts: "2" } };
    expect(made?.gesture.edits[0]).toMatchObject({ before: { geometry: before } });
  });

  it("stand for a mask of which a part has changed", () => {
    const document = holding();
    const drawn = runsFromBitmap(new Uint8Array(42).fill(1, 23, 25), 7, 6);
    const made = document.commit(update(maskOf(drawn)));
    expect(made?.edits[0]?.after).toEqual({ geometry: DOT });
    expect(equalRuns(runsIn(document), drawn)).toBe(true);
    const wider = maskOf(runsFromBitmap(new Uint8Array(42), 6, 7));
    expect(document.commit(update(wider))?.edits[0]?.after).toEqual({ geometry: wider });
  });

  it("that fit no mask change nothing", () => {
    const document = holding();
    expect(document.commit(update({ ...DOT, x: 6 }))).toBeNull();
    document.commit(update(BOX));
    expect(document.commit(update(DOT))).toBeNull();
    expect(document.get("a")).toMatchObject({ geometry: BOX, revision: 2 });
    const edit = { id: "e", task: "t", kind: "update", annotation: "a", base: 2 } as const;
    document.replay({ ...edit, after: { geometry: DOT } });
    expect(document.get("a")).toMatchObject({ geometry: BOX, revision: 2 });
  });

  it("of edits that are not here yet are not laid into an older mask", () => {
    const document = holding();
    const told: Applied = {
      ...{ id: "r", task: "t", kind: "update", annotation: "a", revision: 3 },
      after: { geometry: DOT },
    };
    expect([document.misses(told), document.applyRemote(told)]).toEqual([true, false]);
    expect(document.get("a")?.revision).toBe(1);
    const next = { ...told, revision: 2 };
    expect([document.misses(next), document.applyRemote(next)]).toEqual([false, true]);
    expect([document.misses(next), document.applyRemote(next)]).toEqual([false, false]);
    expect([...runsIn(document).edges]).toEqual([15, 16, 21, 22]);
  });

  it("undone all and redone all go through the very same masks, here and in another view", () => {
    fc.assert(
      fc.property(
        mask,
        fc.array(fc.oneof(patch, patch, mask), { minLength: 1, maxLength: 12, size: "max" }),
        (first, changes) => {
          const document = open();
          const other = open();
          const ledger = new Ledger();
          const create: Draft = { kind: "create", annotation: "a", after: { geometry: first } };
          const send = (wanted: readonly Draft[]) => {
            const done = commit(document, ledger, wanted);
            for (const applied of done?.applied ?? []) {
              // As it comes out of a message, with nothing decoded yet.
              expect(other.applyRemote(JSON.parse(JSON.stringify(applied)))).toBe(true);
            }
            expect(state(other)).toEqual(state(document));
            expect(state(document)).toEqual(stored(ledger));
            return done?.made.gesture;
          };
          send([create]);
          const states = [contents(document.all())];
          const gestures: Gesture[] = [];
          for (const geometry of changes) {
            const gesture = send(update(geometry));
            if (!gesture) continue;
            gestures.push(gesture);
            states.push(contents(document.all()));
          }
          gestures.toReversed().forEach((gesture, i) => {
            send(inverse(gesture));
            expect(contents(document.all())).toEqual(states[gestures.length - 1 - i]);
          });
          gestures.forEach((gesture, i) => {
            send(again(gesture));
            expect(contents(document.all())).toEqual(states[i + 1]);
          });
        },
      ),
      { numRuns: 40 },
    );
  }, 30_000);
});

describe("history", () => {
  const gesture = (id: string) => ({ id, edits: [] });

  it("a new gesture clears what could be redone", () => {
    const history = new History();
    history.record(gesture("g1"));
    history.record(gesture("g2"));
    history.record(gesture("u"), "g2");
    expect([history.nextUndo?.id, history.nextRedo?.id]).toEqual(["g1", "g2"]);
    history.record(gesture("g3"));
    expect([history.nextUndo?.id, history.canRedo]).toEqual(["g3", false]);
  });

  it("undoes of what it does not know change nothing", () => {
    const history = new History();
    history.record(gesture("g1"));
    history.record(gesture("u"), "strange");
    history.record(gesture("r"), null, "strange");
    expect([history.nextUndo?.id, history.canRedo]).toEqual(["g1", false]);
  });

  it("loads the stacks of the store without keeping them, and forgets what was refused", () => {
    const undo = ["g1", "g2"];
    const history = new History();
    history.load(undo, ["g3"]);
    expect(history.nextUndo).toEqual({ id: "g2", edits: null });
    history.record(gesture("u"), "g2");
    expect(undo).toHaveLength(2);
    expect(history.nextRedo?.id).toBe("g2");
    history.forget("g2");
    expect(history.nextRedo?.id).toBe("g3");
    history.forget("g1");
    expect(history.canUndo).toBe(false);
  });
});

describe("replay", () => {
  it("brings a reloaded page to where it was, and twice is once", () => {
    fc.assert(
      fc.property(
        fc.array(drafts, { maxLength: 8, size: "max" }),
        fc.nat(20),
        (gestures, saved) => {
          const document = open();
          const edits: Edit[] = [];
          for (const wanted of gestures) {
            edits.push(...(document.commit(allowed(document, wanted))?.edits ?? []));
          }
          const ledger = new Ledger();
          ledger.apply(wholeGestures(edits, saved));
          const reloaded = new LabelDocument("t");
          reloaded.load(ledger.annotations, ledger.deleted);
          for (const edit of edits) reloaded.replay(edit);
          expect(state(reloaded)).toEqual(state(document));
          const heard: Change[] = [];
          reloaded.subscribe((change) => heard.push(change));
          for (const edit of edits) reloaded.replay(edit);
          expect(state(reloaded)).toEqual(state(document));
          expect(heard).toEqual([]);
          expect(ledger.apply(edits).refused).toEqual([]);
          expect(state(reloaded)).toEqual(stored(ledger));
        },
      ),
    );
  });

  it("leaves alone what others have changed since, and what is of another task", () => {
    const document = open({ id: "a", revision: 2, ...CAR } as Annotation);
    const after = { class_name: "bus" };
    const edit: Edit = { id: "e", task: "t", kind: "update", annotation: "a", base: 1, after };
    document.replay(edit);
    document.replay({ ...edit, task: "other", base: 2 });
    expect(document.get("a")?.class_name).toBe("car");
  });

  it("makes nothing of a change of what others have deleted", () => {
    const document = new LabelDocument("t");
    document.load([], { a: 2 });
    const after = { class_name: "bus" };
    document.replay({ id: "e", task: "t", kind: "update", annotation: "a", base: 2, after });
    expect(document.has("a")).toBe(false);
  });
});

/** The first `count` edits, and those of their last gesture. */
function wholeGestures(edits: readonly Edit[], count: number): Edit[] {
  const last = edits[count - 1]?.gesture;
  return edits.filter((edit, i) => i < count || (last !== undefined && edit.gesture === last));
}

describe("remote changes", () => {
  const remote = (over: Partial<Applied>): Applied => ({
    ...{ id: "r", task: "t", kind: "update", annotation: "a", revision: 2 },
    ...over,
  });

  it("apply once, in order, to this task only", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    const heard: Change[] = [];
    document.subscribe((change) => heard.push(change));
    const after = { class_name: "bus" };
    expect(document.applyRemote(remote({ task: "other", after }))).toBe(false);
    expect(document.applyRemote(remote({ revision: 1, after }))).toBe(false);
    expect(document.applyRemote(remote({ after }))).toBe(true);
    expect(document.applyRemote(remote({ after: { class_name: "tram" } }))).toBe(false);
    expect(document.get("a")).toEqual({ id: "a", ...CAR, class_name: "bus", revision: 2 });
    expect(heard).toEqual([{ created: [], updated: ["a"], deleted: [], origin: "remote" }]);
    expect(document.applyRemote(remote({ kind: "delete", revision: 3 }))).toBe(true);
    expect(document.applyRemote(remote({ revision: 3, after }))).toBe(false);
    expect(document.has("a")).toBe(false);
  });

  it("make no shape out of a change of what was deleted here in the meantime", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    document.commit([{ kind: "delete", annotation: "a" }]);
    document.applyRemote(remote({ revision: 2, after: { class_name: "bus" } }));
    document.applyRemote(remote({ revision: 3, after: { class_name: "tram" } }));
    expect(document.has("a")).toBe(false);
    const current: Annotation = { id: "a", revision: 3, ...CAR, class_name: "tram" } as Annotation;
    const refused = {
      id: "e",
      task: "t",
      annotation: "a",
      reason: "conflict",
      message: "",
    } as const;
    document.restore({ ...refused, current, revision: 3 });
    expect(document.get("a")).toEqual(current);
  });
});

describe("restore", () => {
  const refused = { id: "e", task: "t", annotation: "a", reason: "conflict", message: "" } as const;

  it("puts back what the store has, and the next edit builds on that", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    document.commit([{ kind: "update", annotation: "a", after: { class_name: "bus" } }]);
    const current = { id: "a", revision: 4, ...CAR, class_name: "tram" } as Annotation;
    const heard: Change[] = [];
    document.subscribe((change) => heard.push(change));
    document.restore({ ...refused, current, revision: 4 });
    expect(document.get("a")).toBe(current);
    expect(heard).toEqual([{ created: [], updated: ["a"], deleted: [], origin: "remote" }]);
    const made = document.commit([{ kind: "delete", annotation: "a" }]);
    expect(made?.edits[0]?.base).toBe(4);
    document.restore({ ...refused, current, revision: 4 });
    expect(heard.at(-1)).toMatchObject({ created: ["a"], updated: [] });
  });

  it("takes away what the store does not have", () => {
    const document = open();
    document.commit([{ kind: "create", annotation: "a", after: CAR }]);
    const heard: Change[] = [];
    document.subscribe((change) => heard.push(change));
    document.restore({ ...refused, current: null, revision: 0 });
    document.restore({ ...refused, current: null, revision: 0 });
    expect(document.size).toBe(0);
    expect(heard).toEqual([{ created: [], updated: [], deleted: ["a"], origin: "remote" }]);
    const made = document.commit([{ kind: "create", annotation: "a", after: CAR }]);
    expect(made?.edits[0]?.base).toBe(0);
  });
});

describe("load", () => {
  it("forgets what was there before", () => {
    const document = open({ id: "a", revision: 1, ...CAR } as Annotation);
    document.commit([{ kind: "delete", annotation: "a" }]);
    const heard: Change[] = [];
    document.subscribe((change) => heard.push(change));
    document.load([{ id: "b", revision: 9, ...CAR } as Annotation]);
    expect(heard).toEqual([{ created: ["b"], updated: [], deleted: [], origin: "remote" }]);
    const made = document.commit([{ kind: "create", annotation: "a", after: CAR }]);
    expect(made?.edits[0]?.base).toBe(0);
  });
});
