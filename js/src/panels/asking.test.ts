import { describe, expect, it } from "vitest";
import type { Attribute } from "../document/types.ts";
import { askedNow, inFocus, stepFrom } from "./asking.ts";

const QUESTIONS: Attribute[] = [
  { type: "radio", name: "usable", options: ["yes", "no"], required: true },
  { type: "radio", name: "why", options: ["blur", "dark"], shown_if: { usable: ["no"] } },
  { type: "checkbox", name: "seen", options: ["people", "cars"] },
  { type: "text", name: "old", retired: true },
];
const names = (asked: readonly Attribute[]) => asked.map((one) => one.name);

describe("the questions about an image", () => {
  it("are asked as their conditions and the ontology have it", () => {
    expect(names(askedNow(QUESTIONS, {}))).toEqual(["usable", "seen"]);
    expect(names(askedNow(QUESTIONS, { usable: "no" }))).toEqual(["usable", "why", "seen"]);
  });

  it("take the keys one after the other, as they are answered", () => {
    expect(inFocus(QUESTIONS, {}, null)?.name).toBe("usable");
    expect(inFocus(QUESTIONS, { usable: "no" }, null)?.name).toBe("why");
    expect(inFocus(QUESTIONS, { usable: "yes" }, null)?.name).toBe("seen");
    expect(inFocus(QUESTIONS, { usable: "yes", seen: ["cars"] }, null)?.name).toBe("seen");
  });

  it("can be gone to, unless they are not asked", () => {
    expect(inFocus(QUESTIONS, { usable: "yes" }, "usable")?.name).toBe("usable");
    expect(inFocus(QUESTIONS, { usable: "yes" }, "why")?.name).toBe("seen");
    expect(inFocus(QUESTIONS, {}, "old")?.name).toBe("usable");
    expect(stepFrom(QUESTIONS, { usable: "no" }, "usable", 1)).toBe("why");
    expect(stepFrom(QUESTIONS, { usable: "no" }, "seen", 1)).toBe("seen");
    expect(stepFrom(QUESTIONS, {}, "seen", -1)).toBe("usable");
  });
});
