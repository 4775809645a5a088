import { useEffect, useState } from "preact/hooks";
import { isAbort, textOf } from "../link/kernel.ts";
import type { HeaderElement } from "../link/wire.ts";
import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";
import { several } from "./several.ts";
import { Sheet } from "./sheet.tsx";

/** So many rows are shown; the search finds the others. */
const MOST_ROWS = 400;
/** Longer values are shown cut until they are asked for. */
const LONG = 160;

type Found =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "here"; readonly elements: readonly HeaderElement[]; readonly more: number };

/** The header of the slice that is shown, asked for when it is opened and kept no longer. */
export function HeaderSheet({ room }: { room: Room }) {
  const { state } = room;
  if (!state.headerOpen.value || !state.item.value?.volume) return null;
  return <OpenHeader room={room} item={state.item.value.id} slice={state.frame.value} />;
}

function OpenHeader({ room, item, slice }: { room: Room; item: string; slice: number }) {
  const [found, setFound] = useState<Found>({ kind: "loading" });
  const [search, setSearch] = useState("");
  useEffect(() => {
    const ended = new AbortController();
    setFound({ kind: "loading" });
    room.kernel.ask({ type: "header", item, slice }, ["header"], ended.signal).then(
      ({ message: { elements, more } }) => setFound({ kind: "here", elements, more }),
      (error) => {
        if (!isAbort(error)) setFound({ kind: "failed", message: textOf(error) });
      },
    );
    return () => ended.abort();
  }, [room, item, slice]);
  const all = found.kind === "here" ? found.elements : [];
  const matching = matches(all, search);
  return (
    <Sheet
      label={`Header of slice ${slice + 1}`}
      looks="lw-header-sheet"
      body="lw-sheet-body lw-elements"
      onClose={() => closeHeader(room)}
    >
      <div class="lw-line">
        <input
          type="search"
          class="lw-input"
          aria-label="Search tags, names and values"
          placeholder="Search tags, names and values"
          value={search}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <span class="lw-count" role="status">
          {found.kind === "here" && `${matching.length} of ${all.length}`}
        </span>
      </div>
      <p class="lw-why">
        <Icon name="warning" size={14} /> This may name the patient. It is read from the file now,
        and neither saved with the labels nor with the notebook.
      </p>
      {found.kind === "loading" && <div class="lw-skeleton" />}
      {found.kind === "failed" && <p class="lw-error">{found.message}</p>}
      {found.kind === "here" && (
        <table>
          <thead>
            <tr>
              <th scope="col">Tag</th>
              <th scope="col">Name</th>
              <th scope="col">VR</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {matching.slice(0, MOST_ROWS).map(([index, one]) => (
              <Row key={index} one={one} />
            ))}
          </tbody>
        </table>
      )}
      {found.kind === "here" && matching.length > MOST_ROWS && (
        <p class="lw-empty">{`${matching.length - MOST_ROWS} more: search for them.`}</p>
      )}
      {found.kind === "here" && found.more > 0 && (
        <p class="lw-empty">{`The header is very long: ${several(found.more, "element")} left out.`}</p>
      )}
    </Sheet>
  );
}

function Row({ one }: { one: HeaderElement }) {
  const [whole, setWhole] = useState(false);
  const [copied, setCopied] = useState(false);
  const long = one.value.length > LONG;
  const text = whole || !long ? one.value : one.value.slice(0, LONG);
  const copy = () => {
    void navigator.clipboard?.writeText(one.value).then(() => setCopied(true));
  };
  return (
    <tr data-private={one.private}>
      <td class="lw-tag">{one.tag}</td>
      <td style={{ paddingLeft: `${8 + 14 * Math.min(one.level, 20)}px` }}>
        {one.name || (one.private ? "" : "unknown")}
        {one.private && <span class="lw-pill">private</span>}
      </td>
      <td>{one.vr}</td>
      <td class="lw-value">
        <span dir="auto">{text}</span>
        {long && !whole && (
          <button type="button" class="lw-mini" onClick={() => setWhole(true)}>
            …
          </button>
        )}
        {one.cut && whole && " … (cut)"}
        {one.value !== "" && (
          <button
            type="button"
            class="lw-mini lw-copy"
            aria-label={`Copy the value of ${one.name || one.tag}`}
            title={copied ? "Copied" : "Copy"}
            onClick={copy}
          >
            <Icon name={copied ? "saved" : "copy"} size={14} />
          </button>
        )}
      </td>
    </tr>
  );
}

/**
 * The elements that have all the words of a search in tag, name, VR or value, with their places;
 * the sequences that they are in come along.
 */
export function matches(
  elements: readonly HeaderElement[],
  search: string,
): readonly (readonly [number, HeaderElement])[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const every = elements.map((one, index) => [index, one] as const);
  if (words.length === 0) return every;
  const kept = new Set<number>();
  for (const [index, one] of every) {
    const text = `${one.tag} ${one.tag.replace(/\D/g, "")} ${one.name} ${one.vr} ${one.value}`;
    const has = text.toLowerCase();
    if (!words.every((word) => has.includes(word))) continue;
    kept.add(index);
    let { level } = one;
    for (let at = index - 1; at >= 0 && level > 0; at--) {
      const before = elements[at];
      if (!before || before.level >= level) continue;
      kept.add(at);
      ({ level } = before);
    }
  }
  return every.filter(([index]) => kept.has(index));
}

export function closeHeader(room: Room): void {
  room.state.headerOpen.value = false;
  room.focus();
}
