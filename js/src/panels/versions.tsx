import { useEffect, useRef } from "preact/hooks";
import type { Annotation } from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import { bytesOf } from "../link/kernel.ts";
import { DASHES, pathOf } from "./compared.tsx";
import type { Room } from "./room.ts";
import { shapeSeen } from "./seen.ts";

/** Everybody's versions over the picture, each person in a colour; those that are looked at stand out. */
export function Versions({ room }: { room: Room }) {
  const { adjudication, state, pane, review } = room;
  if (!adjudication.on || state.status.value.kind !== "ready" || pane.across.cut.value) return null;
  void pane.moved.value;
  void state.frame.value;
  const { current } = adjudication;
  const shown = review.beside.value ? [] : adjudication.overlaid.value ? review.opinions.value : [];
  const unseen = adjudication.unseen.value;
  const pathTo = (one: Annotation) => {
    const geometry = shapeSeen(one, room.frame);
    return geometry && { geometry, d: pathOf(room, geometry, one.class_name ?? "") };
  };
  const drawn = (author: string, index: number, one: Annotation, near: boolean) => {
    const seen = pathTo(one);
    if (!seen) return null;
    const { geometry, d } = seen;
    const color = adjudication.colorOf(author);
    const box = near ? bounds(geometry) : null;
    const [x, y] = box ? room.viewport.place([box.minX, box.minY]) : [0, 0];
    return (
      <g key={`${author} ${one.id}`} class="lw-version" data-near={near}>
        <path d={d} stroke={color} stroke-dasharray={DASHES[index % DASHES.length]} />
        {box && (
          <text x={x + index * 16 + 4} y={Math.max(y - 6, 12)} fill={color}>
            {index + 1}
          </text>
        )}
      </g>
    );
  };
  return (
    <div class="lw-versions">
      <Heat room={room} />
      <svg aria-hidden="true">
        {shown.flatMap(({ author, annotations }) => {
          // Below all lines, so that none hides another.
          const one = annotations.find(({ id }) => id === current?.versions[author]);
          const d = one && !unseen.has(author) && pathTo(one)?.d;
          return d ? [<path key={author} d={d} class="lw-halo" />] : [];
        })}
        {shown.flatMap(({ author, annotations }, index) =>
          unseen.has(author)
            ? []
            : annotations.map((one) =>
                drawn(author, index, one, current?.versions[author] === one.id),
              ),
        )}
      </svg>
    </div>
  );
}

/** Where people differ: yellow to red. */
function Heat({ room }: { room: Room }) {
  const { adjudication, state, pane } = room;
  void pane.moved.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const on = adjudication.heated.value;
  const task = state.task.value?.id;
  const frame = state.item.value?.frames || state.item.value?.video ? room.restedFrame.value : null;
  useEffect(() => {
    if (!on || !task) return;
    const asked = new AbortController();
    room.kernel
      .ask({ type: "heat", task, frame }, ["heat"], asked.signal)
      .then(async ({ message, buffers }) => {
        const blob = new Blob([bytesOf(buffers[0])], { type: message.mime });
        const bitmap = await createImageBitmap(blob);
        const element = canvas.current;
        if (!element || asked.signal.aborted) return bitmap.close();
        element.width = bitmap.width;
        element.height = bitmap.height;
        element.getContext("2d")?.drawImage(bitmap, 0, 0);
        bitmap.close();
      })
      .catch((error) => room.complain(error));
    return () => {
      asked.abort();
      const element = canvas.current;
      // Nothing of another picture is seen on this one.
      if (element) element.width = 0;
    };
  }, [room, on, task, frame]);
  if (!on) return null;
  const { width, height } = room.viewport.imageSize;
  const [left, top] = room.viewport.place([0, 0]);
  const [right, bottom] = room.viewport.place([width, height]);
  return (
    <canvas
      class="lw-heat"
      ref={canvas}
      width={0}
      aria-label="Where people differ"
      style={{
        left: `${left}px`,
        top: `${top}px`,
        width: `${right - left}px`,
        height: `${bottom - top}px`,
        opacity: adjudication.heat.value,
      }}
    />
  );
}
