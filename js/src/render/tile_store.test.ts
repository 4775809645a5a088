import { expect, test, vi } from "vitest";
import type { WholePicture } from "./picture.ts";
import type { TilePlace } from "./tile_levels.ts";
import { TileStore, type TileViewer } from "./tile_store.ts";

const LEVELS = [
  { width: 2560, height: 2560, tileWidth: 256, tileHeight: 256, scale: 1 },
  { width: 256, height: 256, tileWidth: 256, tileHeight: 256, scale: 10 },
];
const TILE = 256 * 256;

interface Asked {
  readonly place: TilePlace;
  readonly signal: AbortSignal;
  answer(): void;
  fail(): void;
}

function setUp(most?: number) {
  const asked: Asked[] = [];
  const closed: WholePicture[] = [];
  const read = (place: TilePlace, signal: AbortSignal) =>
    new Promise<WholePicture>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
      const tile = { kind: "photo", width: 256, height: 256 } as WholePicture;
      const bitmap = { close: () => closed.push(tile) } as unknown as ImageBitmap;
      Object.assign(tile, { bitmap });
      asked.push({
        place,
        signal,
        answer: () => resolve(tile),
        fail: () => reject(new Error("did not answer")),
      });
    });
  return { asked, closed, store: new TileStore(LEVELS, null, read, most) };
}

function viewer(): TileViewer & { tiles: number; troubles: unknown[] } {
  const made = {
    tiles: 0,
    troubles: [] as unknown[],
    onTile: () => {
      made.tiles++;
    },
    onTrouble: (error: unknown) => {
      made.troubles.push(error);
    },
  };
  return made;
}

const at = (column: number, row = 0): TilePlace => ({ level: 0, column, row });
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};
const columns = (asked: readonly Asked[]) => asked.map(({ place }) => place.column);

test("what is wanted is asked for in its order, eight at a time", async () => {
  const { asked, store } = setUp();
  const one = viewer();
  store.want(
    one,
    Array.from({ length: 10 }, (_, column) => at(column)),
  );
  expect(columns(asked)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  asked[3]?.answer();
  await settle();
  expect(one.tiles).toBe(1);
  expect(store.get(at(3))).not.toBeNull();
  expect(columns(asked)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("what nobody wants any more is given up on, and what two want is asked for once", () => {
  const { asked, store } = setUp();
  const [one, two] = [viewer(), viewer()];
  store.want(one, [at(0), at(1)]);
  store.want(two, [at(1), at(2)]);
  expect(columns(asked)).toEqual([0, 1, 2]);
  store.want(one, [at(3)]);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false, false, false]);
  store.leave(two);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false]);
});

test("beyond its bound what was used longest ago is closed, never what is in sight", async () => {
  const { asked, closed, store } = setUp(3 * TILE);
  const one = viewer();
  const show = async (...places: TilePlace[]) => {
    store.want(one, places);
    for (const ask of asked) ask.answer();
    await settle();
  };
  await show(at(0), at(1), at(2));
  store.get(at(0));
  await show(at(3));
  expect(closed).toHaveLength(1);
  expect(store.get(at(1))).toBeNull();
  expect(store.get(at(0))).not.toBeNull();
  await show(at(0), at(2), at(3), at(4), at(5));
  for (const column of [0, 2, 3, 4, 5]) expect(store.get(at(column))).not.toBeNull();
});

test("of a picture that nobody looks at the smallest level stays", async () => {
  const { asked, closed, store } = setUp();
  const begun = store.begin();
  asked[0]?.answer();
  await begun;
  const one = viewer();
  store.want(one, [at(0)]);
  asked[1]?.answer();
  await settle();
  store.leave(one);
  expect(closed).toHaveLength(1);
  expect(store.get({ level: 1, column: 0, row: 0 })).not.toBeNull();
  store.dispose();
  expect(closed).toHaveLength(2);
});

test("a tile that fails is asked for three times, and told once", async () => {
  vi.useFakeTimers();
  const { asked, store } = setUp();
  const one = viewer();
  store.want(one, [at(0)]);
  for (let tries = 1; tries <= 5; tries++) {
    asked.at(-1)?.fail();
    await settle();
    await vi.advanceTimersByTimeAsync(1100);
  }
  vi.useRealTimers();
  expect(asked).toHaveLength(3);
  expect(one.troubles).toHaveLength(1);
});

test("without its smallest level a picture is not there", async () => {
  const { asked, store } = setUp();
  const begun = store.begin();
  asked[0]?.fail();
  await expect(begun).rejects.toThrow("did not answer");
});

test("a tile that comes after the end is closed", async () => {
  const { asked, closed, store } = setUp();
  store.want(viewer(), [at(0)]);
  const late = asked[0] as Asked;
  late.answer();
  store.dispose();
  await settle();
  expect(closed).toHaveLength(1);
});
