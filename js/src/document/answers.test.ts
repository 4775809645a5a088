import { describe, expect, it } from "vitest";
import { answer, answerTo, asked, classOf, missing, questions, shown } from "./answers.ts";
import { LabelDocument } from "./document.ts";
import type { Annotation, Attribute, Ontology } from "./types.ts";

const PARTLY: Attribute = {
  name: "by",
  type: "dropdown",
  options: ["tree", "car"],
  required: true,
  shown_if: { occluded: ["partly", "fully"] },
};
const OCCLUDED: Attribute = {
  name: "occluded",
  type: "radio",
  options: ["no", "partly", "fully"],
  required: true,
};
const NOTE: Attribute = { name: "note", type: "text" };
const ALL = [OCCLUDED, PARTLY, NOTE];

describe("shown", () => {
  it("asks what depends on nothing", () => {
    expect(shown(OCCLUDED, {})).toBe(true);
    expect(shown({ ...OCCLUDED, shown_if: null }, {})).toBe(true);
  });

  it("asks what depends on an answer only when it was given", () => {
    expect(shown(PARTLY, {})).toBe(false);
    expect(shown(PARTLY, { occluded: "no" })).toBe(false);
    expect(shown(PARTLY, { occluded: "fully" })).toBe(true);
  });

  it("takes any of the boxes that are ticked, and needs every dependency", () => {
    const both: Attribute = { ...NOTE, shown_if: { doors: ["left"], occluded: ["no"] } };
    expect(shown(both, { doors: ["right", "left"], occluded: "no" })).toBe(true);
    expect(shown(both, { doors: ["right", "left"] })).toBe(false);
    expect(shown(both, { doors: [], occluded: "no" })).toBe(false);
  });
});

describe("missing", () => {
  it("names required questions that are asked and open", () => {
    expect(missing(ALL, {})).toEqual([OCCLUDED]);
    expect(missing(ALL, { occluded: "no" })).toEqual([]);
    expect(missing(ALL, { occluded: "partly" })).toEqual([PARTLY]);
    expect(missing(ALL, { occluded: "partly", by: "tree" })).toEqual([]);
  });

  it("counts an empty answer as none", () => {
    expect(missing(ALL, { occluded: "" })).toEqual([OCCLUDED]);
    const doors: Attribute = { name: "doors", type: "checkbox", options: ["l"], required: true };
    expect(missing([doors], { doors: [] })).toEqual([doors]);
    expect(missing([doors], { doors: ["l"] })).toEqual([]);
  });
});

describe("answer", () => {
  it("sets, changes and clears one answer", () => {
    expect(answer({}, "occluded", "no")).toEqual({ occluded: "no" });
    expect(answer({ occluded: "no", note: "x" }, "occluded", "")).toEqual({ note: "x" });
    expect(answer({ doors: ["l"] }, "doors", [])).toEqual({});
  });

  it("leaves the others and their order as they were", () => {
    const before = { occluded: "no", note: "x" };
    const after = answer(before, "occluded", "no");
    expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    expect(before).toEqual({ occluded: "no", note: "x" });
  });
});

describe("questions", () => {
  const ontology: Ontology = {
    classes: [{ name: "car", color: "#ff0000", attributes: ALL }],
    image_attributes: [NOTE],
  };
  const annotation = (class_name: string | null): Annotation => ({
    ...{ id: "a", class_name, revision: 1, geometry: { type: "tag" } },
  });

  it("come from the class, or from the image where there is none", () => {
    expect(questions(ontology, annotation("car"))).toEqual(ALL);
    expect(questions(ontology, annotation(null))).toEqual([NOTE]);
    expect(questions(ontology, annotation("bus"))).toEqual([]);
    expect(questions({}, annotation(null))).toEqual([]);
  });

  it("classOf finds a class by its name", () => {
    expect(classOf(ontology, "car")?.color).toBe("#ff0000");
    expect(classOf(ontology, null)).toBeUndefined();
    expect(classOf({}, "car")).toBeUndefined();
  });
});

describe("names that every object has", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("%s is a name", (name) => {
    const attribute = { type: "text", name, required: true } as const;
    expect(answerTo({}, name)).toBeUndefined();
    expect(missing([attribute], {})).toEqual([attribute]);
    const given = answer({}, name, "x");
    expect(answerTo(given, name)).toBe("x");
    expect(missing([attribute], given)).toEqual([]);
    expect(JSON.stringify(asked([attribute], given))).toBe(`{"${name}":"x"}`);
    const document = new LabelDocument("t");
    const made = { class_name: "c", geometry: { type: "tag" } } as const;
    document.commit([{ kind: "create", annotation: "a", after: made }]);
    const commit = document.commit([
      { kind: "update", annotation: "a", after: { attributes: given } },
    ]);
    expect(JSON.stringify(commit?.edits[0]?.after)).toBe(`{"attributes":{"${name}":"x"}}`);
    expect(JSON.stringify(document.get("a")?.attributes)).toBe(`{"${name}":"x"}`);
  });
});
