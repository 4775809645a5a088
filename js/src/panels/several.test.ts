import { expect, it } from "vitest";
import { several } from "./several.ts";

it("goes with its number", () => {
  const said = [0, 1, "1", "1 of 20", 12].map((count) => several(count, "frame"));
  expect(said).toEqual(["0 frames", "1 frame", "1 frame", "1 of 20 frames", "12 frames"]);
});
