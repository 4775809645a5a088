import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { TaskRow } from "../link/wire.ts";
import { Icon } from "./icons.tsx";
import type { Room } from "./room.ts";
import { several } from "./several.ts";
import { Toolbar } from "./toolbar.tsx";

const CELL = 92;
const MORE = 3;

/** The items of a folder as thumbnails; only those in sight are drawn and fetched. */
export function Strip({ room }: { room: Room }) {
  const { state } = room;
  const navigator = state.navigator.value;
  const scroller = useRef<HTMLDivElement>(null);
  const left = useSignal(0);
  const width = useSignal(600);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      width.value = element.clientWidth;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);

  useEffect(() => {
    const element = scroller.current;
    if (!element || navigator.index === null) return;
    const at = navigator.index * CELL;
    if (at < element.scrollLeft || at + CELL > element.scrollLeft + element.clientWidth) {
      element.scrollLeft = at - element.clientWidth / 2 + CELL / 2;
    }
  }, [navigator.index]);

  const first = Math.max(0, Math.floor(left.value / CELL) - MORE);
  const end = Math.min(navigator.total, Math.ceil((left.value + width.value) / CELL) + MORE);
  const rows: [number, TaskRow | undefined][] = [];
  for (let at = first; at < end; at++) rows.push([at, navigator.rows.get(at)]);

  useEffect(() => {
    room.tasks.want(first, end - 1);
    room.thumbnails.want(rows.flatMap(([, row]) => (row && !row.error ? [row.item_id] : [])));
  });

  return (
    <nav class="lw-strip" aria-label="Items">
      {navigator.folders.length > 1 && (
        <select
          class="lw-input lw-folders"
          aria-label="Folder"
          value={navigator.folder ?? ""}
          onChange={(event) => room.tasks.setFolder(event.currentTarget.value || null)}
        >
          <option value="">all folders</option>
          {navigator.folders.map((folder) => (
            <option key={folder} value={folder}>
              {folder || "(top)"}
            </option>
          ))}
        </select>
      )}
      <AcceptAll room={room} />
      <div
        class="lw-cells"
        ref={scroller}
        onScroll={(event) => {
          left.value = event.currentTarget.scrollLeft;
        }}
      >
        <Toolbar label="Pictures" looks="lw-cell-row" width={navigator.total * CELL}>
          {rows.map(([at, row]) => (
            <Cell key={row?.id ?? at} room={room} row={row} at={at} />
          ))}
        </Toolbar>
      </div>
    </nav>
  );
}

/** Accepts, as they are, the tasks of the list that wait for a verdict: a second click says so. */
function AcceptAll({ room }: { room: Room }) {
  const sure = useSignal(false);
  const waiting = [...room.state.navigator.value.rows.values()].filter(
    ({ state }) => state === "submitted" || state === "in_review",
  );
  if (!room.review.judges || waiting.length < 2) return null;
  return (
    <button
      type="button"
      class="lw-button"
      title="Accept the tasks of this list that wait for a verdict, those that are loaded, as they are"
      onPointerLeave={() => {
        sure.value = false;
      }}
      onClick={() => {
        if (sure.value) void room.review.acceptAll(waiting.map(({ id }) => id));
        sure.value = !sure.value;
      }}
    >
      {sure.value ? `Accept ${waiting.length}?` : "Accept all"}
    </button>
  );
}

function Cell({ room, row, at }: { room: Room; row: TaskRow | undefined; at: number }) {
  const style = { left: `${at * CELL}px`, width: `${CELL - 6}px` };
  if (!row) return <span class="lw-cell lw-skeleton" style={style} />;
  void room.state.thumbnails.value;
  const thumbnail = room.thumbnails.get(row.item_id);
  const error = row.error ?? (thumbnail && "error" in thumbnail ? thumbnail.error : null);
  const count = row.n_annotations ?? 0;
  const mark = thumbnail && "url" in thumbnail && thumbnail.mark;
  // What is written on the picture is said in the name of the cell.
  const name = mark ? `${row.title}, ${mark}` : row.title;
  const state = row.state.replace("_", " ");
  return (
    <button
      type="button"
      class="lw-cell"
      style={style}
      data-state={row.state}
      aria-current={room.state.task.value?.id === row.id}
      aria-label={`${name}, ${state}, ${several(count, "label")}`}
      title={`${row.title}: ${error ?? state}`}
      onClick={() => room.desk.open(row.id)}
    >
      {error ? (
        <span class="lw-broken-cell">
          <Icon name="broken" size={20} />
        </span>
      ) : thumbnail && "url" in thumbnail ? (
        <img src={thumbnail.url} alt="" draggable={false} />
      ) : (
        <span class="lw-skeleton" />
      )}
      {mark && <span class="lw-cell-mark" data-mark={mark} />}
      <span class="lw-cell-foot">
        <i class="lw-dot" />
        <span class="lw-name">{row.title.split("/").at(-1)}</span>
      </span>
    </button>
  );
}
