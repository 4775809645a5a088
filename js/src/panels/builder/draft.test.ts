import { describe, expect, it } from "vitest";
import type { Ontology } from "../../document/types.ts";
import {
  classesOf,
  freeName,
  moved,
  onCircle,
  questionsOf,
  renameClass,
  renameOption,
  renameQuestion,
  retype,
} from "./draft.ts";

const BASE: Ontology = {
  classes: [
    {
      name: "car",
      color: "#ff0000",
      attributes: [
        { type: "radio", name: "occluded", options: ["no", "partly"] },
        { type: "text", name: "by", shown_if: { occluded: ["partly"] } },
      ],
    },
  ],
  image_attributes: [],
};

describe("renaming", () => {
  it("remembers the saved name alone, however it was typed", () => {
    let draft = BASE;
    for (const name of ["ca", "", "v", "ve", "vehicle"]) draft = renameClass(draft, BASE, 0, name);
    expect(classesOf(draft)[0]).toMatchObject({ name: "vehicle", formerly: ["car"] });
    expect(classesOf(renameClass(draft, BASE, 0, "car"))[0]).toMatchObject({
      name: "car",
      formerly: [],
    });
  });

  it("takes no name over that another class has while it is typed", () => {
    const base: Ontology = { classes: [...classesOf(BASE), { name: "tree", color: "#00ff00" }] };
    let draft = base;
    for (const name of ["car", "", "tree"]) draft = renameClass(draft, base, 1, name);
    expect(classesOf(draft)[1]).toMatchObject({ name: "tree", formerly: [] });
  });

  it("of a question takes the conditions of others along", () => {
    let draft = BASE;
    for (const name of ["occlude", "hid", "hidden"])
      draft = renameQuestion(draft, BASE, 0, 0, name);
    const [hidden, by] = questionsOf(draft, 0);
    expect(hidden).toMatchObject({ name: "hidden", formerly: ["occluded"] });
    expect(by?.shown_if).toEqual({ hidden: ["partly"] });
  });

  it("of an option keeps what it was, through a renamed class and question", () => {
    let draft = renameClass(BASE, BASE, 0, "vehicle");
    draft = renameQuestion(draft, BASE, 0, 0, "hidden");
    for (const name of ["part", "in part"]) draft = renameOption(draft, BASE, 0, 0, 1, name);
    const [hidden, by] = questionsOf(draft, 0);
    expect(hidden).toMatchObject({
      options: ["no", "in part"],
      former_options: { partly: "in part" },
    });
    expect(by?.shown_if).toEqual({ hidden: ["in part"] });
    const back = renameOption(draft, BASE, 0, 0, 1, "partly");
    expect(questionsOf(back, 0)[0]).toMatchObject({ former_options: {} });
  });
});

it("moves one thing and keeps the order of the others", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a"], 3, 0)).toEqual(["a"]);
});

it("names new things as nothing else", () => {
  expect(freeName("class", ["class 2"])).toBe("class 3");
  expect(freeName("class", [])).toBe("class 1");
});

it("keeps the options of a question that gets another type", () => {
  const radio = { type: "radio", name: "q", options: ["a"], required: true } as const;
  expect(retype(radio, "checkbox")).toEqual({
    type: "checkbox",
    name: "q",
    options: ["a"],
    required: true,
  });
  expect(retype(radio, "text")).toEqual({ type: "text", name: "q", required: true });
  expect(retype({ type: "text", name: "q" }, "radio")).toMatchObject({ options: ["yes", "no"] });
});

it("lays joints within the template", () => {
  for (const [x, y] of onCircle(17)) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(1);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(1);
  }
});
