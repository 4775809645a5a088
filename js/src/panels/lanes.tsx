import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { hitOn } from "../geometry/lane_hits.ts";
import { frameAt, placeOf } from "../geometry/time_window.ts";
import { LANE, paintLanes, STRIP } from "../render/lanes_painter.ts";
import { frameName } from "./frame_name.ts";
import { LaneNames } from "./lane_names.tsx";
import { LanesBar } from "./lanes_bar.tsx";
import type { Room } from "./room.ts";

/** So far a pointer goes before it drags, in pixels. */
const CLICK = 3;
const LEAST = 56;
const MOST = 480;

/** The tracks and events of a video through time, a lane each, under its scrub bar. */
export function Lanes({ room }: { room: Room }) {
  const { lanes, state } = room;
  if (!lanes.shown) return null;
  const { rows } = lanes;
  return (
    <section class="lw-lanes" aria-label="Lanes" data-open={state.lanesOpen.value}>
      <LanesBar room={room} count={rows.length} />
      {state.lanesOpen.value && <Body room={room} />}
    </section>
  );
}

function Body({ room }: { room: Room }) {
  const { lanes, state } = room;
  const top = useSignal(0);
  const body = useRef<HTMLDivElement>(null);
  const names = useRef<HTMLDivElement>(null);
  const { rows, chosen } = lanes;
  // What is selected is in sight.
  useEffect(() => {
    const element = names.current;
    if (!element || chosen < 0) return;
    lanes.active.value = chosen;
    reveal(element, chosen);
  }, [chosen]);
  const active = Math.min(lanes.active.value, rows.length - 1);
  useEffect(() => {
    if (names.current && active >= 0) reveal(names.current, active);
  }, [active]);
  return (
    <>
      <Grip room={room} body={body} />
      <div class="lw-lanes-body" ref={body} style={{ height: `${state.lanesHeight.value}px` }}>
        <LaneNames room={room} rows={rows} list={names} top={top} />
        <Time room={room} top={top} names={names} />
      </div>
    </>
  );
}

function reveal(element: HTMLElement, row: number): void {
  if (row * LANE < element.scrollTop) element.scrollTop = row * LANE;
  else if ((row + 1) * LANE > element.scrollTop + element.clientHeight)
    element.scrollTop = (row + 1) * LANE - element.clientHeight;
}

interface TimeProps {
  readonly room: Room;
  readonly top: { readonly value: number };
  readonly names: { readonly current: HTMLElement | null };
}

/** What the lanes show: painted anew when it changes, and not when the playhead moves. */
function Time({ room, top, names }: TimeProps) {
  const { lanes, state } = room;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal<readonly [number, number]>([0, 0]);
  const theme = useSignal(0);
  const rows = lanes.dragged;
  const { density, window } = lanes;
  const [width, height] = size.value;
  const drag = lanes.drag.value;
  const selection = new Set(state.selection.value);
  const hidden = state.hidden.value;
  const classes = state.ontology.value.classes ?? [];
  const scrolled = top.value;
  void theme.value;

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      size.value = [element.clientWidth, element.clientHeight];
    });
    observer.observe(element);
    const other = () => {
      theme.value++;
    };
    const themes = new MutationObserver(other);
    const { body } = element.ownerDocument;
    themes.observe(body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", other);
    return () => {
      observer.disconnect();
      themes.disconnect();
      dark.removeEventListener("change", other);
    };
  }, [size, theme]);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || width === 0) return;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (element.width !== wide || element.height !== high) {
      element.width = wide;
      element.height = high;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(element);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const colors = new Map(classes.map((made) => [made.name, made.color]));
    paintLanes(
      context,
      {
        rows,
        density,
        window,
        width,
        height,
        top: scrolled,
        selection,
        hidden,
        colorOf: (name) => colors.get(name ?? "") ?? "#9e9e9e",
      },
      {
        accent: color("--lw-accent"),
        line: color("--lw-line"),
        text: color("--lw-text"),
        surface: color("--lw-surface"),
      },
    );
  });

  const at = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = y < STRIP ? -1 : Math.floor((y - STRIP + top.value) / LANE);
    const found = lanes.rows[row];
    return {
      x,
      row,
      frame: frameAt(window, width, x, lanes.whole),
      hit: found ? hitOn(found, window, width, x) : null,
    };
  };
  const begin = useRef<{ x: number; scrubs: boolean } | null>(null);

  return (
    <div class="lw-lanes-time">
      <canvas
        ref={canvas}
        role="img"
        aria-label="Tracks and events through time"
        data-drags={drag !== null}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          const { x, row, frame, hit } = at(event);
          begin.current = { x, scrubs: hit === null };
          if (hit === null) void room.player.seek(frame);
          else lanes.drag.value = { hit, row, from: frame, to: frame };
        }}
        onPointerMove={(event) => {
          const { x, frame, hit } = at(event);
          const from = begin.current;
          if (!from) {
            event.currentTarget.style.cursor = cursorOf(hit?.what);
            event.currentTarget.title = titleOf(room, hit, frame);
            return;
          }
          if (from.scrubs) {
            if (frame !== state.frame.value) void room.player.seek(frame);
            return;
          }
          const now = lanes.drag.value;
          if (!now || (now.to === now.from && Math.abs(x - from.x) < CLICK)) return;
          if (now.to === frame || !lanes.isFree(now.hit)) return;
          lanes.drag.value = { ...now, to: frame };
        }}
        onPointerUp={() => {
          const now = lanes.drag.value;
          begin.current = null;
          if (now) lanes.drop(now);
          room.focus();
        }}
        onPointerCancel={() => {
          begin.current = null;
          lanes.drag.value = null;
        }}
        onDblClick={(event) => {
          const { hit, frame } = at(event);
          if (hit) lanes.toggleKeyframe(hit, frame);
        }}
        onWheel={(event) => {
          event.preventDefault();
          event.stopPropagation();
          const { deltaX, deltaY } = event;
          const frames = (window.end - window.start) / Math.max(1, width);
          if (event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY))
            lanes.pan((deltaX || deltaY) * frames);
          else if (event.altKey) names.current?.scrollBy(0, deltaY);
          else {
            const { x } = at(event);
            lanes.zoomAt(window.start + x * frames, Math.exp(-deltaY * 0.003));
          }
        }}
      />
      <Playhead room={room} width={width} />
    </div>
  );
}

/** The frame that is shown, and what began and has not ended: nothing is painted for it. */
function Playhead({ room, width }: { room: Room; width: number }) {
  const { lanes, state, events } = room;
  const frame = state.frame.value;
  const { window } = lanes;
  useLayoutEffect(() => lanes.follow(frame), [frame]);
  if (width === 0) return null;
  const { current } = events;
  const begun = current ? events.begunOn(current.name) : null;
  const place = (one: number) => Math.min(Math.max(0, placeOf(window, width, one)), width);
  const [from, to] = begun === null ? [0, 0] : [Math.min(begun, frame), Math.max(begun, frame) + 1];
  return (
    <>
      {begun !== null && (
        <i
          class="lw-begun"
          style={{
            left: `${place(from)}px`,
            width: `${place(to) - place(from)}px`,
            background: current?.color,
          }}
        />
      )}
      <i
        class="lw-playhead"
        style={{ transform: `translateX(${placeOf(window, width, frame + 0.5)}px)` }}
      />
    </>
  );
}

function cursorOf(what: string | undefined): string {
  if (what === "first" || what === "last" || what === "keyframe") return "ew-resize";
  return what === "empty" ? "crosshair" : "pointer";
}

function titleOf(room: Room, hit: ReturnType<typeof hitOn> | null, frame: number): string {
  const where = `Frame ${frameName(frame)}`;
  if (!hit) {
    const count = room.lanes.density.counts[frame] ?? 0;
    return `${where}: ${count} object${count === 1 ? "" : "s"}`;
  }
  if (hit.what === "empty") return `${where}. Drag: “${hit.className}” from here to there`;
  if (hit.what === "track") return `${where}. Double click: a keyframe here`;
  if (hit.what === "keyframe")
    return `Keyframe on frame ${frameName(hit.frame)}. Drag moves it in time, double click takes it away`;
  const geometry = room.labels?.document.get(hit.id)?.geometry;
  if (geometry?.type !== "interval") return where;
  const frames = `Frames ${frameName(geometry.first)} to ${frameName(geometry.last)}`;
  return hit.what === "event"
    ? `${frames}. Drag moves it`
    : `${frames}. Drag: it ${hit.what === "first" ? "begins" : "ends"} elsewhere`;
}

interface GripProps {
  readonly room: Room;
  readonly body: { readonly current: HTMLElement | null };
}

/** The edge by which the lanes are made taller or lower. */
function Grip({ room, body }: GripProps) {
  const { lanesHeight } = room.state;
  const from = useRef<readonly [number, number] | null>(null);
  const set = (height: number) => {
    lanesHeight.value = Math.round(Math.min(Math.max(height, LEAST), MOST));
  };
  return (
    <hr
      class="lw-grip"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the lanes"
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={lanesHeight.value}
      title="Drag, or arrow keys: height of the lanes"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = [event.clientY, body.current?.clientHeight ?? lanesHeight.value];
      }}
      onPointerMove={(event) => {
        if (from.current) set(from.current[1] + from.current[0] - event.clientY);
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    />
  );
}

/** A key on the edge of the lanes; false where it means nothing to it. */
export function pressGrip(room: Room, key: string): boolean {
  const by = { ArrowUp: LANE, ArrowDown: -LANE }[key];
  if (by === undefined) return false;
  const { lanesHeight } = room.state;
  lanesHeight.value = Math.min(Math.max(lanesHeight.value + by, LEAST), MOST);
  return true;
}
