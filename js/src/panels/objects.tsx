import { untracked, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { questions } from "../document/answers.ts";
import type { Annotation } from "../document/types.ts";
import { openOf } from "./completion.ts";
import { useHeightOf } from "./height_of.ts";
import { Icon } from "./icons.tsx";
import { MiniButton } from "./mini_button.tsx";
import { isPaintable } from "./paint_layer.ts";
import type { Room } from "./room.ts";
import { TrackState } from "./track_state.tsx";
import { isVolumeMask } from "./volume_edits.ts";
import { slicesInWords } from "./volume_facts.tsx";

const ROW = 28;
const MORE = 6;

/** The objects of this picture: only the rows in sight are drawn, so that there may be thousands. */
export function Objects({ room }: { room: Room }) {
  const { state } = room;
  const list = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useHeightOf(list, 300);
  const unfolded = useSignal(false);
  void state.version.value;
  // What is measured is told with the values of the picture that is shown.
  void (room.onFrames ? room.restedFrame : state.frame).value;
  void state.status.value;
  const objects = room.labels?.objects() ?? [];
  const open = unfolded.value;
  const chosen = state.selection.value;
  // Of the frame that is shown, but not anew for each that is gone through.
  const rows = untracked(() => rowsOf(room, objects, open, chosen));
  const selection = new Set(chosen);
  const last = state.selection.value.at(-1);

  useEffect(() => {
    const element = list.current;
    const index = last ? rows.findIndex((row) => row.annotation?.id === last) : -1;
    if (!element || index < 0) return;
    if (index * ROW < element.scrollTop) element.scrollTop = index * ROW;
    else if ((index + 1) * ROW > element.scrollTop + element.clientHeight) {
      element.scrollTop = (index + 1) * ROW - element.clientHeight;
    }
  }, [last]);

  const first = Math.max(0, Math.floor(top.value / ROW) - MORE);
  const end = Math.min(rows.length, Math.ceil((top.value + height.value) / ROW) + MORE);
  const allHidden = objects.length > 0 && objects.every((one) => state.hidden.value.has(one.id));
  return (
    <section class="lw-section lw-grow" aria-label="Objects">
      <h3>
        Objects <span class="lw-count">{objects.length}</span>
        <span class="lw-spring" />
        <MiniButton
          icon={allHidden ? "hide" : "show"}
          label={allHidden ? "Show all" : "Hide all"}
          disabled={objects.length === 0}
          onClick={() =>
            room.selection.setHidden(
              objects.map((one) => one.id),
              !allHidden,
            )
          }
        />
      </h3>
      <div
        class="lw-objects"
        ref={list}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
        }}
      >
        {objects.length === 0 && (
          <p class="lw-empty">
            {!state.task.value
              ? "No task is open."
              : state.readOnly.value
                ? "Nothing is labelled."
                : "Nothing labelled yet. Pick a class and draw."}
          </p>
        )}
        <ul
          aria-label="Objects of this picture"
          // Rows follow one another: where one comes or goes, the others are as they were.
          style={{ height: `${rows.length * ROW}px`, paddingTop: `${first * ROW}px` }}
        >
          {rows.slice(first, end).map(({ annotation, number }) =>
            annotation ? (
              <ObjectRow
                key={annotation.id}
                room={room}
                annotation={annotation}
                number={number}
                selected={selection.has(annotation.id)}
              />
            ) : (
              <li key="elsewhere" class="lw-elsewhere">
                <button
                  type="button"
                  class="lw-pick"
                  aria-expanded={unfolded.value}
                  title="Objects that are not in the picture on this frame"
                  onClick={() => {
                    unfolded.value = !unfolded.value;
                  }}
                >
                  <Icon name={unfolded.value ? "unfolded" : "folded"} size={14} />
                  Elsewhere <span class="lw-count">{number}</span>
                </button>
              </li>
            ),
          )}
        </ul>
      </div>
    </section>
  );
}

/** A row of the list; without an annotation it is the heading of those that are elsewhere. */
interface Row {
  readonly annotation: Annotation | null;
  /** Of the object, or how many are elsewhere. */
  readonly number: number;
}

/** What is on this frame, then what is elsewhere: numbers stay from frame to frame. */
function rowsOf(
  room: Room,
  objects: readonly Annotation[],
  unfolded: boolean,
  selection: readonly string[],
): Row[] {
  const all = objects.map((annotation, i) => ({ annotation, number: i + 1 }));
  if (!room.onFrames) return all;
  const here: Row[] = [];
  const elsewhere: Row[] = [];
  const { frame } = room;
  for (const row of all) (room.presence.isHere(row.annotation, frame) ? here : elsewhere).push(row);
  if (elsewhere.length === 0) return here;
  // What is selected is in sight, wherever it is.
  const chosen = new Set(selection);
  const shown = unfolded
    ? elsewhere
    : elsewhere.filter(({ annotation }) => annotation && chosen.has(annotation.id));
  return [...here, { annotation: null, number: elsewhere.length }, ...shown];
}

interface RowProps {
  readonly room: Room;
  readonly annotation: Annotation;
  readonly number: number;
  readonly selected: boolean;
}

function ObjectRow({ room, annotation, number, selected }: RowProps) {
  const { state } = room;
  const { id } = annotation;
  const ontology = state.ontology.value;
  const hidden = state.hidden.value.has(id);
  const locked = annotation.state === "locked";
  const open = openOf(annotation, questions(ontology, annotation));
  const color = ontology.classes?.find((made) => made.name === annotation.class_name)?.color;
  const { stage } = room;
  const changes = room.review.changes.value.get(id);
  // What it looks at besides, such as the pointer, changes nothing here.
  const words = isVolumeMask(annotation)
    ? slicesInWords(annotation)
    : untracked(() => stage.words(id));
  const pick = (event: MouseEvent) => {
    const now = state.selection.value;
    const several = event.shiftKey || event.ctrlKey || event.metaKey;
    const ids = !several
      ? [id]
      : now.includes(id)
        ? now.filter((other) => other !== id)
        : [...now, id];
    // One who paints goes on painting, in the mask that was chosen.
    const paints = room.hand.makes.includes("mask") && isPaintable(annotation);
    if (!paints) room.choice.chooseTool("select");
    room.selection.select(ids);
    if (ids.length === 1) room.presence.goTo(id);
    const box = room.stage.box(id);
    if (box && ids.length === 1) room.viewport.reveal(box);
  };
  return (
    <li
      class="lw-object"
      data-selected={selected}
      data-hovered={state.hovered.value === id}
      data-hidden={hidden}
      onPointerEnter={() => room.selection.hover(id)}
      onPointerLeave={() => room.selection.hover(null)}
    >
      <button type="button" class="lw-pick" aria-pressed={selected} onClick={pick}>
        <i class="lw-swatch" style={{ background: color ?? "#9e9e9e" }} />
        <span class="lw-name">
          {annotation.class_name} <span class="lw-number">#{number}</span>
          {words && (
            <span class="lw-count lw-words" title={words}>
              {words}
            </span>
          )}
        </span>
        {changes && (
          <span class="lw-changed" title={`Since it was handed in: ${changes.join(", ")}`}>
            {changes.join(" ")}
          </span>
        )}
        {room.onFrames && <TrackState room={room} annotation={annotation} />}
      </button>
      {open.names.length > 0 && (
        <span class="lw-open" title={`Required: ${open.names.join(", ")}`}>
          <Icon name="warning" size={13} />
        </span>
      )}
      <MiniButton
        icon={hidden ? "hide" : "show"}
        label={hidden ? "Show" : "Hide"}
        hint="Shift+H"
        on={hidden}
        onClick={(event) => {
          event.stopPropagation();
          room.selection.setHidden([id], !hidden);
        }}
      />
      <MiniButton
        icon={locked ? "lock" : "unlock"}
        label={locked ? "Unlock" : "Lock"}
        hint="Shift+L"
        on={locked}
        onClick={(event) => {
          event.stopPropagation();
          room.labels?.setLock([id], !locked);
        }}
      />
    </li>
  );
}
