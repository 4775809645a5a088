import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Draft, LabelDocument } from "../document/document.ts";
import type { Applied, Edit, Refused } from "../document/types.ts";
import { contents, drafts } from "../testing/arbitraries.ts";
import { Ledger } from "../testing/ledger.ts";
import { type Journal, PageJournal } from "./journal.ts";
import { batches, Outbox, type SaveState } from "./outbox.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const edit = (id: string, over: Partial<Edit> = {}): Edit => ({
  ...{ id, task: "t", kind: "update", annotation: "a", base: 1, after: { class_name: "bus" } },
  ...over,
});
const applied = (one: Edit): Applied => ({
  ...{ id: one.id, task: one.task, kind: one.kind, annotation: one.annotation },
  revision: one.base + 1,
});
const refused = (one: Edit, over: Partial<Refused> = {}): Refused => ({
  ...{ id: one.id, task: one.task, annotation: one.annotation, reason: "conflict", message: "" },
  ...over,
});

function outbox(journal: Journal = new PageJournal()) {
  const sent: string[][] = [];
  const states: SaveState[] = [];
  const refusals: [Refused, Edit][] = [];
  const box = new Outbox({
    journal,
    send: (edits) => void sent.push(edits.map((one) => one.id)),
    onState: (state) => void states.push(state),
    onRefused: (one, of) => void refusals.push([one, of]),
    now: () => Date.now(),
  });
  return { box, sent, states, refusals, journal, state: () => states.at(-1) };
}

const kept = async (journal: Journal) => (await journal.entries()).map((one) => one.id);

describe("an edit on its way", () => {
  it("is put in the journal and sent at once, and forgotten when acknowledged", async () => {
    const { box, sent, states, journal } = outbox();
    box.add([edit("1")]);
    expect(sent).toEqual([["1"]]);
    expect(await kept(journal)).toEqual(["1"]);
    expect([box.size, box.has("1"), box.touches("a"), box.touches("b")]).toEqual([
      ...[1, true, true, false],
    ]);
    box.applied([applied(edit("1"))]);
    expect(await kept(journal)).toEqual([]);
    expect([box.size, box.has("1"), box.touches("a")]).toEqual([0, false, false]);
    expect(states).toEqual([{ state: "saving", count: 1 }, { state: "saved" }]);
    vi.advanceTimersByTime(600_000);
    expect(sent).toHaveLength(1);
  });

  it("is sent again until it is acknowledged, less and less often", () => {
    const { box, sent } = outbox();
    const times: number[] = [];
    const start = Date.now();
    box.add([edit("1"), edit("2", { annotation: "b" })]);
    for (let i = 0; i < 2000 && times.length < 9; i++) {
      const before = sent.length;
      vi.advanceTimersByTime(100);
      if (sent.length > before) times.push(Date.now() - start);
    }
    const waits = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(waits[0]).toBe(3000);
    expect(waits.every((wait, i) => wait >= (waits[i - 1] ?? 0))).toBe(true);
    expect(waits.at(-1)).toBeLessThanOrEqual(30_000);
    expect(sent.every((ids) => ids.join() === "1,2")).toBe(true);
  });

  it("is sent again also while the person goes on drawing", () => {
    const { box, sent } = outbox();
    box.add([edit("0")]);
    for (let i = 1; i < 10; i++) {
      vi.advanceTimersByTime(1000);
      const next = edit(`${i}`, { annotation: `a${i}` });
      box.add([next]);
      box.applied([]);
    }
    expect(sent.filter((ids) => ids.includes("0")).length).toBeGreaterThan(1);
  });

  it("is known by its task, in order", () => {
    const { box } = outbox();
    box.add([edit("2"), edit("1", { task: "other" }), edit("0")]);
    expect(box.of("t").map((one) => one.id)).toEqual(["2", "0"]);
  });

  it("is recovered from the journal of an earlier life, once", async () => {
    const journal = new PageJournal();
    await journal.put([edit("1"), edit("2")]);
    const { box, sent, state } = outbox(journal);
    box.add([edit("2")]);
    await box.recover();
    expect(sent).toEqual([["2"], ["1"]]);
    expect(state()).toEqual({ state: "saving", count: 2 });
    await box.recover();
    expect(sent).toHaveLength(2);
  });

  it("nothing to recover says nothing", async () => {
    const { box, states } = outbox();
    await box.recover();
    expect(states).toEqual([]);
  });
});

describe("the badge", () => {
  it("says kept when the kernel is silent, and saved when it answers", () => {
    const { box, state } = outbox();
    box.add([edit("1")]);
    vi.advanceTimersByTime(3999);
    expect(state()).toEqual({ state: "saving", count: 1 });
    vi.advanceTimersByTime(20);
    expect(state()).toMatchObject({ state: "kept", count: 1 });
    box.applied([applied(edit("1"))]);
    expect(state()).toEqual({ state: "saved" });
  });

  it("says at once that the line is down, and why, until it is up and all is saved", () => {
    const { box, sent, state } = outbox();
    box.disconnected("The kernel died.");
    expect(state()).toEqual({ state: "saved" });
    box.add([edit("1")]);
    expect(state()).toEqual({ state: "kept", count: 1, reason: "The kernel died." });
    vi.advanceTimersByTime(10_000);
    const before = sent.length;
    box.connected();
    expect(sent.length).toBe(before + 1);
    box.applied([applied(edit("1"))]);
    expect(state()).toEqual({ state: "saved" });
  });

  it("a new connection with nothing on its way sends nothing", () => {
    const { box, sent } = outbox();
    box.connected();
    expect(sent).toEqual([]);
  });

  it("says when this browser could not keep a copy", async () => {
    const journal = new PageJournal();
    vi.spyOn(journal, "put").mockRejectedValue(new DOMException("full", "QuotaExceededError"));
    const { box, state } = outbox(journal);
    box.add([edit("1")]);
    await vi.advanceTimersByTimeAsync(0);
    expect(state()).toMatchObject({ state: "kept", count: 1 });
    expect(state()).toHaveProperty("reason", expect.stringContaining("could not keep a copy"));
    box.applied([applied(edit("1"))]);
    expect(state()).toEqual({ state: "saved" });
  });

  it("says nothing more after the end", () => {
    const { box, states, sent } = outbox();
    box.add([edit("1")]);
    box.dispose();
    vi.advanceTimersByTime(60_000);
    expect(states).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it.each(["conflict", "invalid", "forbidden"] as const)(
    "because of %s ends the edit and is told once",
    async (reason) => {
      const { box, refusals, journal, state, sent } = outbox();
      const one = edit("1");
      box.add([one]);
      box.refused([refused(one, { reason })]);
      box.refused([refused(one, { reason })]);
      expect(refusals).toEqual([[refused(one, { reason }), one]]);
      expect(box.size).toBe(0);
      expect(await kept(journal)).toEqual([]);
      expect(state()).toEqual({ state: "saved" });
      vi.advanceTimersByTime(60_000);
      expect(sent).toHaveLength(1);
    },
  );

  it("of another view's edit is not told", () => {
    const { box, refusals } = outbox();
    box.add([edit("1")]);
    box.refused([refused(edit("2"))]);
    expect(refusals).toEqual([]);
    expect(box.size).toBe(1);
  });

  it("because it came early sends all again soon, once for many such answers", () => {
    const { box, sent, refusals } = outbox();
    const [one, two] = [edit("1"), edit("2", { base: 2 })];
    box.add([one]);
    box.add([two]);
    for (let i = 0; i < 5; i++) box.refused([refused(two, { reason: "early", revision: 1 })]);
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([["1"], ["2"], ["1", "2"]]);
    expect(refusals).toEqual([]);
    box.refused([refused(two, { reason: "early", revision: 1 })]);
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(4);
  });

  it("of the edit before ends those that can never come in time", async () => {
    const { box, sent, refusals, journal } = outbox();
    const made = edit("1", { kind: "create", base: 0 });
    const moved = edit("2", { base: 1 });
    box.add([made]);
    box.add([moved]);
    box.refused([refused(made, { reason: "invalid", revision: 0 })]);
    expect(box.has("2")).toBe(true);
    const before = sent.length;
    box.refused([refused(moved, { reason: "early", revision: 0 })]);
    expect(refusals.map(([, of]) => of.id)).toEqual(["1", "2"]);
    expect(box.size).toBe(0);
    expect(sent.length).toBe(before);
    expect(await kept(journal)).toEqual([]);
  });

  it("both in one answer, whichever first", () => {
    const { box, refusals } = outbox();
    const made = edit("1", { kind: "create", base: 0 });
    const moved = edit("2", { base: 1 });
    box.add([made, moved]);
    box.refused([
      refused(moved, { reason: "early", revision: 0 }),
      refused(made, { reason: "invalid", revision: 0 }),
    ]);
    expect(refusals.map(([, of]) => of.id)).toEqual(["1", "2"]);
  });

  it("as early of one edit lets the others of its gesture wait with it", () => {
    const { box, sent, refusals } = outbox();
    const before = edit("1");
    const pair = [
      edit("2", { base: 2, gesture: "2" }),
      edit("3", { annotation: "b", base: 5, gesture: "2" }),
    ];
    box.add([before]);
    box.add(pair);
    box.refused(pair.map((one) => refused(one, { reason: "early" })));
    expect(refusals).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(sent.at(-1)).toEqual(["1", "2", "3"]);
    box.refused([refused(before, { reason: "invalid" })]);
    box.refused(pair.map((one) => refused(one, { reason: "early" })));
    expect(refusals.map(([, of]) => of.id)).toEqual(["1", "2", "3"]);
    expect(box.size).toBe(0);
  });

  it("as early that was overtaken by the acknowledgement ends nothing", () => {
    const { box, sent, refusals } = outbox();
    const [one, two] = [edit("1"), edit("2", { base: 2 })];
    box.add([one]);
    box.add([two]);
    box.applied([applied(one)]);
    box.refused([refused(two, { reason: "early", revision: 1 })]);
    expect(refusals).toEqual([]);
    expect(box.has("2")).toBe(true);
    vi.advanceTimersByTime(3000);
    expect(sent.at(-1)).toEqual(["2"]);
  });

  it("of ever the same edit does not make a storm", () => {
    const { box, sent } = outbox();
    const [one, two] = [edit("1"), edit("2", { base: 2 })];
    box.add([one]);
    box.add([two]);
    box.applied([applied(one)]);
    for (let i = 0; i < 50; i++) box.refused([refused(two, { reason: "early" })]);
    expect(sent).toHaveLength(2);
  });
});

describe("batches", () => {
  const long = (id: string, size: number, over: Partial<Edit> = {}) =>
    edit(id, { after: { attributes: { note: "x".repeat(size) } }, ...over });
  const bytes = (edits: readonly Edit[]) =>
    edits.reduce((sum, one) => sum + new TextEncoder().encode(JSON.stringify(one)).length, 0);

  it("of a little is one, of nothing none", () => {
    expect(batches([])).toEqual([]);
    expect(batches([edit("1"), edit("2")])).toHaveLength(1);
  });

  it("hold all, in order, gestures whole, and are no larger than they must be", () => {
    const gesture = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      size: fc.constantFrom(10, 900_000, 2_500_000),
    });
    fc.assert(
      fc.property(fc.array(gesture, { maxLength: 6 }), (gestures) => {
        const edits = gestures.flatMap(({ count, size }, g) =>
          Array.from({ length: count }, (_, i) =>
            long(`${g}-${i}`, size / count, count > 1 ? { gesture: `${g}-0` } : {}),
          ),
        );
        const made = batches(edits);
        expect(made.flat()).toEqual(edits);
        for (const batch of made) expect(bytes(batch)).toBeLessThanOrEqual(4 * 1024 * 1024);
        const home = new Map<string, number>();
        made.forEach((batch, i) => {
          for (const one of batch) {
            const name = one.gesture ?? one.id;
            expect(home.get(name) ?? i).toBe(i);
            home.set(name, i);
          }
          const next = made[i + 1];
          if (next) expect(bytes(batch) + bytes(next)).toBeGreaterThan(2 * 1024 * 1024);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("count bytes, not letters", () => {
    const note = "日".repeat(500_000);
    const many = Array.from({ length: 4 }, (_, i) =>
      edit(`${i}`, { after: { attributes: { note } } }),
    );
    for (const batch of batches(many)) expect(bytes(batch)).toBeLessThanOrEqual(4 * 1024 * 1024);
  });
});

/** A die that a test can roll again. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A person's page and a kernel, and between them a line that loses, doubles and delays. */
class Line {
  readonly refusals: string[] = [];
  readonly states: SaveState[] = [];
  readonly answered = new Set<string>();
  readonly tooSoon: string[] = [];
  readonly kept = new Map<string, Edit>();
  readonly made: Edit[] = [];
  rough = true;
  alive = true;
  page = 0;
  box: Outbox;

  constructor(
    readonly ledger: Ledger,
    private readonly roll: () => number,
  ) {
    this.box = this.open();
  }

  private readonly journal: Journal = {
    put: async (edits) => {
      for (const one of edits) this.kept.set(one.id, one);
    },
    drop: async (ids) => {
      for (const id of ids) {
        if (!this.answered.has(id)) this.tooSoon.push(id);
        this.kept.delete(id);
      }
    },
    entries: async () => [...this.kept.values()],
  };

  private open(): Outbox {
    const page = ++this.page;
    return new Outbox({
      journal: this.journal,
      send: (edits) => this.carry(() => this.take(edits)),
      onState: (state) => void (page === this.page && this.states.push(state)),
      onRefused: (one) => void this.refusals.push(one.id),
      now: () => Date.now(),
    });
  }

  private carry(deliver: () => void): void {
    const copies = !this.rough ? 1 : this.roll() < 0.25 ? 0 : this.roll() < 0.25 ? 2 : 1;
    for (let i = 0; i < copies; i++)
      setTimeout(deliver, this.rough ? Math.floor(this.roll() * 5000) : 10);
  }

  private take(edits: readonly Edit[]): void {
    if (!this.alive) return;
    const { applied, refused } = this.ledger.apply(edits);
    const page = this.page;
    const answer = (tell: () => void) => this.carry(() => void (page === this.page && tell()));
    if (applied.length > 0)
      answer(() => {
        for (const one of applied) this.answered.add(one.id);
        this.box.applied(applied);
      });
    if (refused.length > 0)
      answer(() => {
        for (const one of refused) this.answered.add(one.id);
        this.box.refused(refused);
      });
  }

  async reload(): Promise<void> {
    this.box.dispose();
    this.box = this.open();
    await this.box.recover();
  }

  async calm(): Promise<void> {
    this.rough = false;
    this.alive = true;
    this.box.connected();
    await vi.advanceTimersByTimeAsync(120_000);
  }
}

describe("over a line that loses, doubles, delays and reorders, to a kernel that dies", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("draw" as const), drafts }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.integer({ max: 9000, min: 0 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("die" as const, "live" as const) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const) }) },
  );

  /** Locks are another test's: here each edit is one that the store takes. */
  const free = (list: readonly Draft[]) =>
    list.filter((draft) => !("after" in draft) || draft.after.state === undefined);

  it("every edit ends applied exactly once, in order, and then all is saved", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25, size: "max" }),
        fc.integer(),
        async (steps, seed) => {
          vi.clearAllTimers();
          const ledger = new Ledger();
          const line = new Line(ledger, dice(seed));
          const document = new LabelDocument("t");
          for (const one of steps) {
            if (one.do === "draw") {
              const edits = document.commit(free(one.drafts))?.edits ?? [];
              if (edits.length > 0) line.box.add(edits);
              line.made.push(...edits);
            } else if (one.do === "wait") await vi.advanceTimersByTimeAsync(one.ms);
            else if (one.do === "reload") await line.reload();
            else line.alive = one.do === "live";
          }
          await line.calm();
          expect(line.refusals).toEqual([]);
          expect(line.box.size).toBe(0);
          expect([...line.kept.keys()]).toEqual([]);
          expect(line.tooSoon).toEqual([]);
          expect(ledger.log.map((one) => one.id).sort()).toEqual(
            line.made.map((one) => one.id).sort(),
          );
          const bases = new Map<string, number>();
          for (const { annotation, base } of ledger.log) {
            expect(base).toBe(bases.get(annotation) ?? 0);
            bases.set(annotation, base + 1);
          }
          expect(contents(document.all())).toEqual(contents(ledger.annotations));
          if (line.made.length > 0) expect(line.states.at(-1)).toEqual({ state: "saved" });
        },
      ),
      { numRuns: 150 },
    );
  });

  it("where the store refuses some, each ends applied or refused, and is told once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25, size: "max" }),
        fc.integer(),
        async (steps, seed) => {
          vi.clearAllTimers();
          const ledger = new Ledger("ana", (one) =>
            one.after?.class_name === "tram" ? "No." : "",
          );
          const line = new Line(ledger, dice(seed));
          const document = new LabelDocument("t");
          for (const one of steps) {
            if (one.do === "draw") {
              const edits = document.commit(free(one.drafts))?.edits ?? [];
              if (edits.length > 0) line.box.add(edits);
              line.made.push(...edits);
            } else if (one.do === "wait") await vi.advanceTimersByTimeAsync(one.ms);
            else if (one.do === "reload") await line.reload();
            else line.alive = one.do === "live";
          }
          await line.calm();
          expect(line.box.size).toBe(0);
          expect([...line.kept.keys()]).toEqual([]);
          expect(line.tooSoon).toEqual([]);
          const ends = [...ledger.log.map((one) => one.id), ...line.refusals];
          expect(new Set(ends)).toEqual(new Set(line.made.map((one) => one.id)));
          expect(new Set(line.refusals).size).toBe(line.refusals.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});
