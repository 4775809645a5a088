import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answersTo, choices, choosing, type Dispute, stepped, takenOf, taking } from "./dispute.ts";
import { LabelDocument } from "./document.ts";
import type { Annotation, Rectangle } from "./types.ts";

const box = (x: number): Rectangle => ({ type: "rectangle", x, y: 0, width: 10, height: 10 });
const label = (id: string, x: number, more: Partial<Annotation> = {}): Annotation => ({
  id,
  class_name: "car",
  geometry: box(x),
  revision: 1,
  ...more,
});
const LABELS = new Map(
  [
    label("a1", 0, { attributes: { occluded: "no", side: "left" }, frame: 3 }),
    label("b1", 4, { class_name: "van", attributes: { occluded: "yes" } }),
    label("c1", 5, { attributes: { occluded: "yes" } }),
  ].map((one) => [one.id, one]),
);
const find = (id: string) => LABELS.get(id);
const DISPUTE: Dispute = {
  id: "a1",
  frame: null,
  class_name: "car",
  agreement: 0.4,
  same: 0.5,
  alike: 0.2,
  differs: ["class", "occluded"],
  versions: { ana: "a1", ben: "b1", cy: "c1" },
  present: 1,
  kept: true,
  fused: label("f1", 2, { confidence: 0.7 }),
};

describe("a dispute", () => {
  const document = () => {
    const made = new LabelDocument("task");
    made.load([], {});
    return made;
  };
  const here = (made: LabelDocument) => answersTo([DISPUTE], made.all()).get("a1") ?? [];

  it("is settled by a copy of a version that says whose it is and of which label", () => {
    const made = document();
    made.commit(taking(DISPUTE, { author: "ana" }, find, here(made), "task:image"));
    const [one, ...others] = here(made);
    expect(others).toEqual([]);
    expect(one && takenOf(one)).toBe("ana");
    expect(one?.origin?.parameters).toMatchObject({ from: ["a1"], of: ["a1", "b1", "c1"] });
    expect([one?.frame, one?.attributes, one?.geometry]).toEqual([
      3,
      { occluded: "no", side: "left" },
      box(0),
    ]);
    expect(LABELS.has(one?.id ?? "")).toBe(false);
  });

  it("has one answer, whatever is taken after what", () => {
    const whose = fc.constantFrom({ author: "ana" }, { author: "ben" }, { author: "cy" }, "fused");
    fc.assert(
      fc.property(fc.array(whose, { minLength: 1, maxLength: 6 }), (all) => {
        const made = document();
        for (const one of all)
          made.commit(taking(DISPUTE, one as "fused", find, here(made), "task:image"));
        const last = all.at(-1) as "fused" | { author: string };
        const [one, ...others] = here(made);
        expect(others).toEqual([]);
        expect(one && takenOf(one)).toBe(last === "fused" ? "fused" : last.author);
        const version =
          last === "fused" ? DISPUTE.fused : find(DISPUTE.versions[last.author] ?? "");
        expect(one?.geometry).toEqual(version?.geometry);
        expect(one?.confidence ?? null).toBe(version?.confidence ?? null);
      }),
    );
  });

  it("is not settled by who has no version of it", () => {
    expect(taking(DISPUTE, { author: "dora" }, find, [], "task:image")).toEqual([]);
    expect(taking({ ...DISPUTE, fused: null }, "fused", find, [], "task:image")).toEqual([]);
  });

  it("tells the values that were given, those of most people first", () => {
    expect(choices(DISPUTE, "class", find)).toEqual([
      { value: "car", people: ["ana", "cy"] },
      { value: "van", people: ["ben"] },
    ]);
    expect(choices(DISPUTE, "side", find)).toEqual([
      { value: null, people: ["ben", "cy"] },
      { value: "left", people: ["ana"] },
    ]);
  });

  it("takes one answer by itself and leaves the shape and the others", () => {
    const made = document();
    made.commit(taking(DISPUTE, { author: "ana" }, find, here(made), "task:image"));
    const [yes] = choices(DISPUTE, "occluded", find);
    if (!yes) throw new Error("Nobody answered.");
    made.commit(choosing(DISPUTE, "occluded", yes, find, here(made), "task:image"));
    const [one] = here(made);
    expect(one?.attributes).toEqual({ occluded: "yes", side: "left" });
    expect(one?.geometry).toEqual(box(0));
    expect(one && takenOf(one)).toBe("ana");
  });

  it("begins with what all come to where an answer alone is chosen", () => {
    const made = document();
    const [, van] = choices(DISPUTE, "class", find);
    if (!van) throw new Error("Nobody said van.");
    made.commit(choosing(DISPUTE, "class", van, find, here(made), "task:image"));
    const [one] = here(made);
    expect([one?.class_name, one?.geometry, one?.attributes]).toEqual([
      "van",
      box(2),
      { occluded: "yes" },
    ]);
  });

  it("about the image is settled by the answers of the image", () => {
    const rain = label("r", 0, {
      class_name: null,
      geometry: { type: "tag" },
      attributes: { weather: "rain" },
    });
    const about: Dispute = {
      ...DISPUTE,
      id: "r",
      class_name: null,
      versions: { ana: "r" },
      fused: null,
    };
    const made = document();
    made.commit(taking(about, { author: "ana" }, () => rain, [], "task:image"));
    expect(made.get("task:image")?.attributes).toEqual({ weather: "rain" });
    expect(answersTo([about], made.all()).get("r")).toHaveLength(1);
  });

  it("is gone to one after the other, and the ends stay", () => {
    const all = ["x", "y", "z"].map((id) => ({ ...DISPUTE, id }));
    expect(stepped(all, null, 1)?.id).toBe("x");
    expect(stepped(all, null, -1)?.id).toBe("z");
    expect(stepped(all, "x", 1)?.id).toBe("y");
    expect(stepped(all, "z", 1)?.id).toBe("z");
    expect(stepped([], null, 1)).toBeNull();
  });
});
