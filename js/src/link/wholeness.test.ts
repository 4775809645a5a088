import { describe, expect, it } from "vitest";
import { whole } from "./wholeness.ts";

const thumbnail = [0xff, 0xd8, 0xff, 0xd9];
const jpeg = (...rest: number[]) =>
  new Uint8Array([
    ...[0xff, 0xd8, 0xff, 0xe1, 0, 2 + thumbnail.length, ...thumbnail],
    ...[0xff, 0xda, 0, 2, 1, 2, 3, ...rest],
  ]);
const webp = (claimed: number, length: number) => {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(4, claimed, true);
  return bytes;
};

describe("whole", () => {
  it("finds the end of a JPEG, and does not take that of its thumbnail for it", () => {
    expect(whole(jpeg(0xff, 0xd9), "image/jpeg")).toBe(true);
    expect(whole(jpeg(0xff, 0xd9, 7, 7), "image/jpeg")).toBe(true);
    expect(whole(jpeg(), "image/jpeg")).toBe(false);
    expect(whole(new Uint8Array(), "image/jpeg")).toBe(false);
  });

  it("finds the end of a PNG", () => {
    expect(whole(new Uint8Array([1, 2, 0x49, 0x45, 0x4e, 0x44, 1]), "image/png")).toBe(true);
    expect(whole(new Uint8Array([1, 2, 0x49, 0x45, 0x4e]), "image/png")).toBe(false);
  });

  it("compares a WebP with the length that it claims", () => {
    expect(whole(webp(12, 20), "image/webp")).toBe(true);
    expect(whole(webp(13, 20), "image/webp")).toBe(false);
    expect(whole(new Uint8Array(3), "image/webp")).toBe(false);
  });

  it("vouches for no other kind", () => {
    expect(whole(new Uint8Array(100), "image/bmp")).toBe(false);
  });
});
