import { expect, it } from "vitest";
import { LabelDocument } from "./document.ts";
import { renamed } from "./renames.ts";
import type { Ontology } from "./types.ts";

const NOW: Ontology = {
  classes: [
    {
      name: "vehicle",
      color: "#ff0000",
      formerly: ["car"],
      attributes: [
        {
          type: "radio",
          name: "hidden",
          formerly: ["occluded"],
          options: ["not at all", "partly"],
          former_options: { no: "not at all" },
        },
        {
          type: "checkbox",
          name: "damage",
          options: ["bump", "rust"],
          former_options: { dent: "bump" },
        },
      ],
    },
    { name: "tree", color: "#00ff00" },
  ],
  image_attributes: [{ type: "text", name: "note", formerly: ["remark"] }],
};
const GEOMETRY = { type: "rectangle", x: 0, y: 0, width: 1, height: 1 } as const;

it("reads a label by the names of now", () => {
  const answers = { occluded: "no", damage: ["dent", "rust", "bump"] };
  expect(renamed(NOW, { class_name: "car", attributes: answers })).toEqual({
    class_name: "vehicle",
    attributes: { hidden: "not at all", damage: ["bump", "rust"] },
  });
  expect(renamed(NOW, { class_name: null, attributes: { remark: "x" } })).toEqual({
    class_name: null,
    attributes: { note: "x" },
  });
});

it("leaves what is current as the very same object", () => {
  const fields = { class_name: "vehicle", attributes: { hidden: "partly" } };
  expect(renamed(NOW, fields)).toBe(fields);
  const stranger = { class_name: "constructor", attributes: { constructor: "x" } };
  expect(renamed(NOW, stranger)).toBe(stranger);
});

it("lets the current name of a question count where both are answered", () => {
  const made = renamed(NOW, {
    class_name: "car",
    attributes: { occluded: "no", hidden: "partly" },
  });
  expect(made.attributes).toEqual({ hidden: "partly" });
});

it("renames the records of a document without touching their revisions", () => {
  const document = new LabelDocument("t");
  document.load([
    { id: "a", class_name: "car", geometry: GEOMETRY, attributes: { occluded: "no" }, revision: 3 },
    { id: "b", class_name: "tree", geometry: GEOMETRY, revision: 1 },
  ]);
  const updated: string[] = [];
  document.subscribe((change) => updated.push(...change.updated));
  document.rename((one) => renamed(NOW, one, one));
  expect(document.get("a")).toMatchObject({ class_name: "vehicle", revision: 3 });
  expect(document.get("a")?.attributes).toEqual({ hidden: "not at all" });
  expect(updated).toEqual(["a"]);
});
