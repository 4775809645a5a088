import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Edit } from "../document/types.ts";
import { IndexedJournal, type Journal, openJournal, PageJournal } from "./journal.ts";

const edit = (id: string): Edit => ({ id, task: "t", kind: "delete", annotation: "a", base: 1 });
const ids = async (journal: Journal) => (await journal.entries()).map((one) => one.id);

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe.each([
  ["in IndexedDB", () => IndexedJournal.open("cars", "ana")],
  ["in the page", async () => new PageJournal()],
])("a journal %s", (_, open: () => Promise<Journal>) => {
  it("keeps edits in the order in which they were made, whatever their ids", async () => {
    const journal = await open();
    await journal.put([edit("z"), edit("m")]);
    await journal.put([edit("a")]);
    expect(await ids(journal)).toEqual(["z", "m", "a"]);
    expect((await journal.entries())[0]).toEqual(edit("z"));
  });

  it("drops what it is told to, and does not mind what it does not know", async () => {
    const journal = await open();
    await journal.put([edit("1"), edit("2"), edit("3")]);
    await journal.drop(["2", "unknown"]);
    await journal.drop([]);
    expect(await ids(journal)).toEqual(["1", "3"]);
    await journal.drop(["1", "3"]);
    expect(await ids(journal)).toEqual([]);
  });

  it("drops what was put just before, also without waiting", async () => {
    const journal = await open();
    const put = journal.put([edit("1")]);
    const drop = journal.drop(["1"]);
    await Promise.all([put, drop]);
    expect(await ids(journal)).toEqual([]);
  });
});

describe("the journal in IndexedDB", () => {
  it("is there again after a reload, and goes on in order", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
    const first = await IndexedJournal.open("cars", "ana");
    await first.put([edit("z"), edit("y")]);
    vi.setSystemTime(1_000_001);
    const second = await IndexedJournal.open("cars", "ana");
    await second.put([edit("a")]);
    expect(await ids(second)).toEqual(["z", "y", "a"]);
    expect(await ids(first)).toEqual(["z", "y", "a"]);
  });

  it("keeps people and projects apart", async () => {
    const mine = await IndexedJournal.open("cars", "ana");
    const theirs = await IndexedJournal.open("cars", "bob");
    const other = await IndexedJournal.open("buses", "ana");
    await mine.put([edit("1")]);
    await theirs.put([edit("1"), edit("2")]);
    expect(await ids(other)).toEqual([]);
    await theirs.drop(["1"]);
    expect(await ids(mine)).toEqual(["1"]);
    expect(await ids(theirs)).toEqual(["2"]);
  });

  it("says when it could not keep something", async () => {
    const journal = await IndexedJournal.open("cars", "ana");
    const closing = indexedDB.open("labelwidgets", 2);
    await new Promise((resolve) => {
      closing.onsuccess = resolve;
    });
    await expect(journal.put([edit("1")])).rejects.toThrow();
  });

  it("is the page where the browser keeps nothing", async () => {
    expect(await openJournal("cars", "ana")).toBeInstanceOf(IndexedJournal);
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("private window", "SecurityError");
    });
    const journal = await openJournal("cars", "ana");
    expect(journal).toBeInstanceOf(PageJournal);
    await journal.put([edit("1")]);
    expect(await ids(journal)).toEqual(["1"]);
  });
});
