import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChoiceAttribute } from "../document/types.ts";
import { choose } from "./attributes.tsx";

const options = ["left", "right", "back"];
const doors: ChoiceAttribute = { name: "doors", type: "checkbox", options };

describe("choose", () => {
  it("one of several is the answer, whatever it was before", () => {
    for (const type of ["radio", "dropdown"] as const) {
      const one: ChoiceAttribute = { name: "occluded", type, options };
      expect(choose(one, [], "left")).toBe("left");
      expect(choose(one, ["left"], "right")).toBe("right");
      expect(choose(one, ["left"], "left")).toBe("left");
    }
  });

  it("boxes are ticked and cleared, in the order of the ontology", () => {
    expect(choose(doors, [], "right")).toEqual(["right"]);
    expect(choose(doors, ["right"], "left")).toEqual(["left", "right"]);
    expect(choose(doors, ["left", "right"], "left")).toEqual(["right"]);
    expect(choose(doors, ["right"], "right")).toEqual([]);
  });

  it("twice is not at all, and what the ontology does not know any more goes", () => {
    const picked = fc.uniqueArray(fc.constantFrom(...options));
    fc.assert(
      fc.property(picked, fc.constantFrom(...options), (chosen, option) => {
        const once = choose(doors, [...chosen, "roof"], option) as string[];
        expect(once.includes(option)).toBe(!chosen.includes(option));
        expect(once).not.toContain("roof");
        const twice = choose(doors, once, option) as string[];
        expect(twice).toEqual(options.filter((one) => chosen.includes(one)));
      }),
    );
  });
});
