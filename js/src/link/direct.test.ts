import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Direct } from "./direct.ts";

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 9, 9, 0x49, 0x45, 0x4e, 0x44, 1, 2, 3, 4]);
const URL_A = "https://store.example.org/a.png?X-Amz-Signature=1";
const URL_B = "https://store.example.org/a.png?X-Amz-Signature=2";

let answers: ((url: string, signal: AbortSignal) => Response | Promise<Response>)[] = [];
const asked: { url: string; options: RequestInit }[] = [];

beforeEach(() => {
  asked.length = 0;
  answers = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit) => {
    asked.push({ url, options });
    const answer = answers.shift();
    if (!answer) throw new Error("not expected");
    return answer(url, options.signal as AbortSignal);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const png = () => new Response(PNG);
const status = (code: number) => () => new Response("<Error/>", { status: code });
const unreachable = () => Promise.reject(new TypeError("Failed to fetch"));

function make(patience?: number) {
  const said: string[] = [];
  return { said, direct: new Direct((text) => said.push(text), patience) };
}
const never = () => Promise.reject(new Error("asked for another URL"));

describe("Direct", () => {
  it("fetches a picture, and tells the store nothing about who asks", async () => {
    const { direct, said } = make();
    answers = [png];
    expect(await direct.bytes(URL_A, "image/png", never)).toEqual(PNG);
    expect(asked[0]?.options).toMatchObject({
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    });
    expect(said).toEqual([]);
  });

  it.each([400, 401, 403])("asks for another URL when one is refused with %i", async (code) => {
    const { direct, said } = make();
    answers = [status(code), png];
    expect(await direct.bytes(URL_A, "image/png", async () => URL_B)).toEqual(PNG);
    expect(asked.map((one) => one.url)).toEqual([URL_A, URL_B]);
    expect(said).toEqual([]);
  });

  it("asks for another URL once, and then the kernel", async () => {
    const { direct } = make();
    answers = [status(403), status(403)];
    expect(await direct.bytes(URL_A, "image/png", async () => URL_B)).toBeNull();
    answers = [status(403)];
    expect(await direct.bytes(URL_A, "image/png", async () => undefined)).toBeNull();
    answers = [status(404)];
    expect(await direct.bytes(URL_A, "image/png", never)).toBeNull();
  });

  it("asks for another URL when a refusal looks like a failure", async () => {
    const { direct, said } = make();
    answers = [unreachable, png];
    expect(await direct.bytes(URL_A, "image/png", async () => URL_B)).toEqual(PNG);
    expect(said).toEqual([]);
  });

  it("tells once that a place cannot be read from, and does not try it again", async () => {
    const { direct, said } = make();
    answers = [unreachable, unreachable];
    expect(await direct.bytes(URL_A, "image/png", async () => URL_B)).toBeNull();
    expect(await direct.bytes(URL_B, "image/png", never)).toBeNull();
    answers = [unreachable, png];
    const other = "https://other.example.org/b.png";
    expect(await direct.bytes(other, "image/png", async () => undefined)).toBeNull();
    expect(await direct.bytes("https://third.example.org/c.png", "image/png", never)).toEqual(PNG);
    expect(asked).toHaveLength(4);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("store.example.org");
    expect(said[0]).not.toContain("Signature");
  });

  it("leaves a picture that is cut short to the kernel, which says so", async () => {
    const { direct, said } = make();
    answers = [() => new Response(PNG.slice(0, 8))];
    expect(await direct.bytes(URL_A, "image/png", never)).toBeNull();
    expect(said).toEqual([]);
  });

  it("fetches from the web alone", async () => {
    const { direct } = make();
    for (const url of ["file:///etc/passwd", "javascript:1", "data:image/png,x", "s3://b/k", "?"])
      expect(await direct.bytes(url, "image/png", never)).toBeNull();
    expect(asked).toEqual([]);
  });

  it("waits no longer than it has patience for a store that says nothing", async () => {
    const { direct, said } = make(5);
    answers = [
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))),
        ),
    ];
    expect(await direct.bytes(URL_A, "image/png", never)).toBeNull();
    expect(said).toHaveLength(1);
  });

  it("gives up when nobody wants the picture any more, and holds it against no one", async () => {
    const { direct, said } = make();
    const leaving = new AbortController();
    answers = [
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
          leaving.abort();
        }),
      png,
    ];
    await expect(direct.bytes(URL_A, "image/png", never, leaving.signal)).rejects.toThrow(
      "cancelled",
    );
    expect(said).toEqual([]);
    expect(await direct.bytes(URL_B, "image/png", never)).toEqual(PNG);
  });
});
