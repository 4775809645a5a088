import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isVolume } from "../link/volumes.ts";
import { MiniButton } from "./mini_button.tsx";
import type { Pane } from "./pane.ts";
import { PaneMarks } from "./pane_marks.tsx";
import type { Room } from "./room.ts";
import { ScanCaption } from "./scan_caption.tsx";

/** The panes side by side; what is about the active one lies over it. */
export function PaneGrid({ room, children }: { room: Room; children: ComponentChildren }) {
  const panes = room.panes.all.value;
  const [, columns] = room.panes.grid;
  return (
    <div
      class="lw-panes"
      data-several={panes.length > 1}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {panes.map((pane) => {
        const active = pane === room.panes.active;
        return (
          <PaneCell key={pane.id} room={room} pane={pane} active={active}>
            {active && children}
          </PaneCell>
        );
      })}
    </div>
  );
}

interface CellProps {
  readonly room: Room;
  readonly pane: Pane;
  readonly active: boolean;
  readonly children: ComponentChildren;
}

function PaneCell({ room, pane, active, children }: CellProps) {
  const cell = useRef<HTMLDivElement>(null);
  useEffect(() => {
    cell.current?.prepend(pane.viewport.element);
    return () => pane.viewport.element.remove();
  }, [pane]);
  const { item, frame, status } = room.panes.of(pane);
  const several = room.panes.all.value.length > 1;
  // The strip under a video has its number.
  const pictures = item?.video ? undefined : item?.frames;
  const scan = item?.volume !== undefined;
  const empty = status.kind === "empty";
  const title = empty ? "" : (pictures?.[frame]?.title ?? item?.title ?? "");
  return (
    <div
      class="lw-pane"
      ref={cell}
      data-active={active}
      data-status={status.kind}
      data-scan={!!item && isVolume(item)}
      data-maker={pane.maker !== null}
      onWheel={(event) => turnThrough(pane, event)}
    >
      {!active && status.kind !== "ready" && status.kind !== "coarse" && (
        <div class="lw-cover">
          {status.kind === "loading" ? (
            <div class="lw-skeleton lw-skeleton-picture" />
          ) : (
            <p class="lw-why">
              {"message" in status ? status.message : "There is no picture here."}
            </p>
          )}
        </div>
      )}
      <PaneMarks room={room} pane={pane} />
      {children}
      {room.makers.count > 0 && <MakerOf room={room} pane={pane} />}
      {scan && !empty && <ScanCaption room={room} pane={pane} />}
      {!scan &&
        (several ? room.makers.count === 0 || pictures : pictures) &&
        !(empty && pictures) && (
          <div class="lw-caption">
            {pictures && active && (
              <MiniButton
                icon="previous"
                label="Previous pictures of the group"
                hint="PageUp"
                onClick={() => room.panes.turn(-1)}
              />
            )}
            <span class="lw-name">
              {title}
              {pictures && ` · ${frame + 1} of ${pictures.length}`}
            </span>
            {pictures && active && (
              <MiniButton
                icon="next"
                label="Next pictures of the group"
                hint="PageDown"
                onClick={() => room.panes.turn(1)}
              />
            )}
            {!pictures && !active && <FolderOf room={room} pane={pane} />}
          </div>
        )}
    </div>
  );
}

/** Whose labels a pane shows, where makers are side by side. */
function MakerOf({ room, pane }: { room: Room; pane: Pane }) {
  const { adjudication, review } = room;
  const { maker } = pane;
  const settles = adjudication.on;
  const name = maker === null ? (settles ? "The answer" : "As it is now") : maker;
  return (
    <div class="lw-maker">
      {maker !== null && settles && (
        <i class="lw-dot" style={{ background: adjudication.colorOf(maker) }} />
      )}
      <span class="lw-name">
        {maker === null || !settles ? name : adjudication.nameOf(maker)}
        {maker !== null && !settles && review.opinions.value.length === 0 && ", as handed in"}
      </span>
    </div>
  );
}

/** From which folder a pane beside the active one takes its pictures. */
function FolderOf({ room, pane }: { room: Room; pane: Pane }) {
  const { folders } = room.state.navigator.value;
  if (folders.length < 2) return null;
  return (
    <select
      class="lw-input lw-folder"
      aria-label="Folder of this pane"
      value={room.panes.of(pane).task?.folder ?? ""}
      onChange={(event) => {
        pane.folder = event.currentTarget.value;
        void room.panes.arrange();
      }}
    >
      {folders.map((folder) => (
        <option key={folder} value={folder}>
          {folder || "(top)"}
        </option>
      ))}
    </select>
  );
}

/** The wheel is the picture's also where a caption lies over it, or a slice is still to come. */
function turnThrough(pane: Pane, event: WheelEvent): void {
  if (!(event.target as Element).closest(".lw-caption, .lw-cover")) return;
  event.preventDefault();
  pane.viewport.element.dispatchEvent(new WheelEvent("wheel", event));
}
