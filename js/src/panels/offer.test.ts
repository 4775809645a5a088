import { expect, it } from "vitest";
import type { Ontology } from "../document/types.ts";
import { keeping, offered, scoped, withdrawn, within } from "./offer.ts";

const OLD: Ontology = {
  classes: [
    { name: "car", color: "#ff0000", hotkey: "Shift+C" },
    { name: "tree", color: "#00ff00" },
  ],
  image_attributes: [{ type: "text", name: "note" }],
};
const NOW: Ontology = { classes: [{ name: "boat", color: "#0000ff" }] };

it("offers no retired class", () => {
  const [car, tree] = OLD.classes ?? [];
  if (!car || !tree) throw new Error("no classes");
  expect(offered({ classes: [{ ...car, retired: true }, tree] })).toEqual([tree]);
});

it("keeps, retired, the classes that labels here still have", () => {
  const kept = keeping(OLD, NOW, new Set(["car"]));
  expect(kept.classes?.map((made) => [made.name, made.retired ?? false])).toEqual([
    ["boat", false],
    ["car", true],
  ]);
  expect(kept.classes?.[1]?.hotkey).toBeNull();
  expect(keeping(OLD, NOW, new Set())).toBe(NOW);
});

it("takes a renamed class for the same", () => {
  const renamed: Ontology = { classes: [{ name: "vehicle", color: "#ff0000", formerly: ["car"] }] };
  expect(keeping(OLD, renamed, new Set(["car"]))).toBe(renamed);
  expect(withdrawn(OLD, renamed, new Set(["car", "tree"]))).toEqual(["tree"]);
});

it("asks nothing about the image where only shapes are wanted", () => {
  expect(within(OLD, "segmentation").image_attributes).toEqual([]);
  expect(within(OLD, "both")).toBe(OLD);
});

it("offers of a task that is shared only the classes that are mine", () => {
  const mine = scoped(OLD, { classes: ["tree"], questions: false });
  expect(offered(mine).map((made) => made.name)).toEqual(["tree"]);
  expect(mine.classes?.map((made) => made.color)).toEqual(["#ff0000", "#00ff00"]);
  expect(mine.classes?.[0]?.hotkey).toBeNull();
  expect(mine.image_attributes).toEqual([]);
  expect(scoped(OLD, { classes: ["car"], questions: true }).image_attributes).toHaveLength(1);
  expect(scoped(OLD, null)).toBe(OLD);
});
