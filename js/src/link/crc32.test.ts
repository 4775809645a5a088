import { describe, expect, it } from "vitest";
import { crc32 } from "./crc32.ts";

describe("crc32", () => {
  it("is what zlib has", () => {
    expect(crc32(new Uint8Array())).toBe(0);
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(Uint8Array.from({ length: 1000 }, (_, i) => i % 256))).toBe(0x74e3fb41);
  });
});
