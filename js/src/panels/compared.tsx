import { useEffect } from "preact/hooks";
import type { Geometry, XY } from "../document/types.ts";
import { outlines } from "../geometry/outline.ts";
import { runsOf } from "../geometry/runs.ts";
import { runsToPolygons } from "../geometry/tracing.ts";
import type { Room } from "./room.ts";
import { shapeSeen } from "./seen.ts";

export const DASHES = ["", "6 3", "2 3", "9 3 2 3"];

/** The choice of what is seen beside the labels, and how far. */
export function Compared({ room }: { room: Room }) {
  const { review } = room;
  // Opinions that are settled have a panel of their own.
  const opinions = room.adjudication.on ? [] : review.opinions.value;
  const before = review.before.value;
  if (!before && opinions.length === 0) return null;
  const compared = review.compared.value;
  return (
    <>
      {!room.adjudication.on && (
        <label
          class="lw-option"
          title="Each maker in a pane beside what is now, or over the picture (Shift+C)"
        >
          <input
            type="checkbox"
            checked={review.beside.value}
            onChange={() => review.toggleBeside()}
          />
          <span>Side by side</span>
        </label>
      )}
      <label class="lw-relabel">
        <span>Compare</span>
        <select
          class="lw-input"
          aria-label="Compare with"
          title="What is seen beside these labels (W)"
          value={compared}
          onChange={(event) => {
            review.compared.value = event.currentTarget.value;
            review.wipe.value = event.currentTarget.value === "before" ? 0.5 : 1;
          }}
        >
          <option value="nothing">nothing</option>
          {before && <option value="before">as handed in</option>}
          {opinions.length > 1 && <option value="opinions">all opinions</option>}
          {opinions.map(({ author }) => (
            <option key={author} value={author}>
              {`${author}'s opinion`}
            </option>
          ))}
        </select>
      </label>
      {compared !== "nothing" && (
        <ul class="lw-legend" aria-label="What is seen">
          {review.others.map(({ author }, index) => (
            <li key={author}>
              <svg width="26" height="8" aria-hidden="true">
                <path d="M1 4H25" stroke-dasharray={DASHES[index % DASHES.length]} />
              </svg>
              {author}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The other labels over the picture, to the left of a line that is dragged. */
export function Wipe({ room }: { room: Room }) {
  const { review, state, pane } = room;
  const on = review.compared.value !== "nothing" && state.status.value.kind === "ready";
  const wipe = review.wipe.value;
  const { element } = room.viewport;
  useEffect(() => {
    element.classList.toggle("lw-wiping", on && wipe < 1);
    element.style.setProperty("--lw-wipe", `${wipe * 100}%`);
  }, [on, wipe, element]);
  useEffect(() => () => element.classList.remove("lw-wiping"), [element]);
  if (!on || pane.across.cut.value) return null;
  void pane.moved.value;
  void state.frame.value;
  const colors = new Map((state.ontology.value.classes ?? []).map((one) => [one.name, one.color]));
  return (
    <div class="lw-wipe">
      <svg style={{ clipPath: `inset(0 ${100 - wipe * 100}% 0 0)` }} aria-hidden="true">
        {review.others.flatMap(({ author, annotations }, index) =>
          annotations.flatMap((one) => {
            const geometry = shapeSeen(one, room.frame);
            const name = one.class_name ?? "";
            if (!geometry) return [];
            const d = pathOf(room, geometry, name);
            return (
              <g key={`${author} ${one.id}`}>
                <path d={d} class="lw-halo" />
                <path
                  d={d}
                  stroke={colors.get(name) ?? "#ffffff"}
                  stroke-dasharray={DASHES[index % DASHES.length]}
                />
              </g>
            );
          }),
        )}
      </svg>
      <i class="lw-wipe-line" style={{ left: `${wipe * 100}%` }} />
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={wipe}
        aria-label="Wipe from what was before to what is now"
        title="Left of the line: before. Right of it: now."
        onInput={(event) => {
          review.wipe.value = Number(event.currentTarget.value);
        }}
      />
    </div>
  );
}

/** The lines of a shape where they are on the screen, as a path. */
export function pathOf(room: Room, geometry: Geometry, className: string): string {
  const made = room.state.ontology.value.classes?.find((one) => one.name === className);
  const place = (at: XY) => room.viewport.place(at).map((n) => n.toFixed(1));
  return linesOf(geometry, made?.skeleton?.edges ?? [])
    .map(({ points, closed }) => {
      const [only] = points;
      if (points.length === 1 && only) {
        const [x, y] = place(only);
        return `M${x} ${y}m-4 0h8m-4 -4v8`;
      }
      return `M${points.map((at) => place(at).join(" ")).join("L")}${closed ? "Z" : ""}`;
    })
    .join("");
}

/** The lines of a shape; those of a mask go around its pixels. */
function linesOf(geometry: Geometry, edges: readonly (readonly [number, number])[]) {
  if (geometry.type !== "mask") return outlines(geometry, edges);
  return runsToPolygons(runsOf(geometry.rle), 1).flatMap((part) =>
    part.map((points) => ({ points, closed: true })),
  );
}
