import type { Signal } from "@preact/signals";
import type { LaneRow } from "../geometry/lanes.ts";
import { LANE } from "../render/lanes_painter.ts";
import { frameName } from "./frame_name.ts";
import { useHeightOf } from "./height_of.ts";
import type { Room } from "./room.ts";

interface Props {
  readonly room: Room;
  readonly rows: readonly LaneRow[];
  readonly list: { current: HTMLDivElement | null };
  /** So far they are scrolled, in pixels. */
  readonly top: Signal<number>;
}

/** What each lane is of; only those in sight are there, so that there may be thousands. */
export function LaneNames({ room, rows, list, top }: Props) {
  const { state, lanes } = room;
  const height = useHeightOf(list, 200);
  const first = Math.max(0, Math.floor(top.value / LANE) - 2);
  const end = Math.min(rows.length, Math.ceil((top.value + height.value) / LANE) + 2);
  const selection = new Set(state.selection.value);
  const active = Math.min(lanes.active.value, rows.length - 1);
  const colors = new Map(state.ontology.value.classes?.map((made) => [made.name, made.color]));
  const inSight = active >= first && active < end;
  const base = `lane-${lanes.tag}`;
  return (
    <div
      class="lw-lane-names"
      ref={list}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      {rows.length === 0 && <p class="lw-empty">No tracks yet</p>}
      {rows.length > 0 && (
        <div
          role="listbox"
          tabIndex={0}
          aria-label="Lanes: up and down go through them, Enter goes to one"
          {...(inSight && { "aria-activedescendant": `${base}-${active}` })}
          style={{ height: `${rows.length * LANE}px` }}
        >
          {rows.slice(first, end).map((row, i) => {
            const at = first + i;
            const name = row.kind === "track" ? row.annotation.class_name : row.className;
            const chosen =
              row.kind === "track"
                ? selection.has(row.annotation.id)
                : row.events.some((event) => selection.has(event.id));
            const text = textOf(row);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus.
              <div
                key={row.kind === "track" ? row.annotation.id : `${row.className} ${row.level}`}
                id={`${base}-${at}`}
                role="option"
                class="lw-lane-name"
                aria-selected={chosen}
                aria-setsize={rows.length}
                aria-posinset={at + 1}
                aria-label={text}
                data-active={at === active}
                title={text}
                style={{ top: `${at * LANE}px` }}
                onClick={() => {
                  lanes.active.value = at;
                  if (row.kind === "track") void lanes.pick(row.annotation.id, null);
                  else if (row.level === 0) room.choice.chooseClass(row.className);
                }}
                onPointerEnter={() =>
                  room.selection.hover(row.kind === "track" ? row.annotation.id : null)
                }
                onPointerLeave={() => room.selection.hover(null)}
              >
                {(row.kind === "track" || row.level === 0) && (
                  <>
                    <i
                      class="lw-swatch"
                      style={{ background: colors.get(name ?? "") ?? "#9e9e9e" }}
                    />
                    <span class="lw-name">
                      {name}
                      {row.kind === "track" && <span class="lw-number"> #{row.number}</span>}
                    </span>
                  </>
                )}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

function textOf(row: LaneRow): string {
  if (row.kind === "events") {
    const count = row.events.length;
    return `${row.className}, ${count} event${count === 1 ? "" : "s"}`;
  }
  const { annotation, number } = row;
  const keys = Object.keys(annotation.geometry.keyframes);
  const first = keys[0];
  const count = `${keys.length} keyframe${keys.length === 1 ? "" : "s"}`;
  return `${annotation.class_name} #${number}, from frame ${frameName(Number(first))}, ${count}`;
}
