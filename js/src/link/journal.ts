import type { Edit } from "../document/types.ts";

/** Keeps edits until the store has them; survives reloads of the page and deaths of the kernel. */
export interface Journal {
  put(edits: readonly Edit[]): Promise<void>;
  drop(ids: readonly string[]): Promise<void>;
  entries(): Promise<Edit[]>;
}

const STORE = "edits";

interface Row {
  readonly id: string;
  readonly project: string;
  readonly order: number;
  readonly edit: Edit;
}

/**
 * The journal of one person in one project, in the browser's IndexedDB. `owner` keeps the labels of
 * several people who share a browser apart.
 */
export class IndexedJournal implements Journal {
  private readonly project: string;
  private order = Date.now() * 1000;

  private constructor(
    private readonly database: IDBDatabase,
    project: string,
    owner: string,
  ) {
    this.project = `${project}\n${owner}`;
  }

  static async open(project: string, owner: string): Promise<IndexedJournal> {
    const request = indexedDB.open("labelwidgets", 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: ["project", "id"] });
      store.createIndex("project", "project");
    };
    const database = await finished(request);
    // A newer version in another tab must not wait for this one.
    database.onversionchange = () => database.close();
    return new IndexedJournal(database, project, owner);
  }

  async put(edits: readonly Edit[]): Promise<void> {
    await this.write((store) => {
      for (const edit of edits) {
        const row: Row = { id: edit.id, project: this.project, order: this.order++, edit };
        store.put(row);
      }
    });
  }

  async drop(ids: readonly string[]): Promise<void> {
    await this.write((store) => {
      for (const id of ids) store.delete([this.project, id]);
    });
  }

  async entries(): Promise<Edit[]> {
    const index = this.database.transaction(STORE).objectStore(STORE).index("project");
    const rows = (await finished(index.getAll(this.project))) as Row[];
    return rows.sort((a, b) => a.order - b.order).map((row) => row.edit);
  }

  private write(work: (store: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "relaxed" });
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
      work(transaction.objectStore(STORE));
    });
  }
}

/** Where the browser keeps nothing for us (private windows of some), only this page remembers. */
export class PageJournal implements Journal {
  private readonly kept = new Map<string, Edit>();

  async put(edits: readonly Edit[]): Promise<void> {
    for (const edit of edits) this.kept.set(edit.id, edit);
  }

  async drop(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.kept.delete(id);
  }

  async entries(): Promise<Edit[]> {
    return [...this.kept.values()];
  }
}

/** A journal that is still being opened: what comes before it is there waits, in order. */
export class LateJournal implements Journal {
  constructor(private readonly coming: Promise<Journal>) {}

  async put(edits: readonly Edit[]): Promise<void> {
    await (await this.coming).put(edits);
  }

  async drop(ids: readonly string[]): Promise<void> {
    await (await this.coming).drop(ids);
  }

  async entries(): Promise<Edit[]> {
    return (await this.coming).entries();
  }
}

export async function openJournal(project: string, owner: string): Promise<Journal> {
  try {
    return await IndexedJournal.open(project, owner);
  } catch {
    return new PageJournal();
  }
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
