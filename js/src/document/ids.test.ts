import { describe, expect, it } from "vitest";
import { newId } from "./ids.ts";

describe("newId", () => {
  it("is twenty characters that the kernel takes, the time first", () => {
    const id = newId(1_700_000_000_000);
    expect(id).toMatch(/^[0-9a-z]{20}$/);
    expect(Number.parseInt(id.slice(0, 8), 36)).toBe(1_700_000_000_000);
  });

  it("sorts by time and never comes twice", () => {
    expect(newId(1_700_000_000_000) < newId(1_700_000_000_001)).toBe(true);
    const many = new Set(Array.from({ length: 5000 }, () => newId(1)));
    expect(many.size).toBe(5000);
    expect([...many][0]?.slice(0, 8)).toBe("00000001");
  });
});
