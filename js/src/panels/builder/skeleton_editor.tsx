import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ObjectClass, Skeleton } from "../../document/types.ts";
import { MiniButton } from "../mini_button.tsx";
import type { Bench } from "./bench.ts";
import { freeName, onCircle, round, withClass, without } from "./draft.ts";
import { TextInput, Wrong } from "./field.tsx";

const SIZE = 220;
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The joints of a class, how they are connected, and where they lie in its template. */
export function SkeletonEditor({
  bench,
  index,
  made,
}: {
  bench: Bench;
  index: number;
  made: ObjectClass;
}) {
  const board = useRef<SVGSVGElement>(null);
  const from = useSignal<number | null>(null);
  const connecting = useSignal(false);
  const skeleton: Skeleton = made.skeleton ?? { joints: [] };
  const { joints } = skeleton;
  const edges = skeleton.edges ?? [];
  const placed = skeleton.positions?.length === joints.length ? skeleton.positions : null;
  const positions = placed ?? onCircle(joints.length);
  const used = bench.usage.value[made.name]?.labels ?? 0;
  const put = (next: Skeleton, field: string) =>
    bench.edit(
      withClass(bench.draft.value, index, { skeleton: next }),
      `skeleton ${index} ${field}`,
    );
  const place = (joint: number, x: number, y: number) => {
    const at = [round(Math.min(1, Math.max(0, x))), round(Math.min(1, Math.max(0, y)))] as const;
    put(
      { ...skeleton, positions: positions.map((one, other) => (other === joint ? at : one)) },
      `place ${joint}`,
    );
  };
  const connect = (joint: number) => {
    if (from.value === null || from.value === joint) {
      from.value = from.value === joint ? null : joint;
      return;
    }
    const pair = [from.value, joint] as const;
    from.value = null;
    const same = ([a, b]: readonly [number, number]) => pair.includes(a) && pair.includes(b);
    const next = edges.some(same) ? edges.filter((one) => !same(one)) : [...edges, pair];
    put({ ...skeleton, edges: next }, "edges");
  };
  const remove = (joint: number) => {
    const left = edges.filter((one) => !one.includes(joint));
    const down = (one: number) => (one > joint ? one - 1 : one);
    put(
      {
        joints: without(joints, joint) as string[],
        edges: left.map(([a, b]) => [down(a), down(b)] as const),
        positions: without(positions, joint),
      },
      "remove",
    );
  };
  const at = (joint: number) => positions[joint] ?? [0.5, 0.5];
  return (
    <div class="lw-skeleton-editor">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn on */}
      <svg
        ref={board}
        class="lw-board"
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        width={SIZE}
        height={SIZE}
        role="group"
        aria-label={`Template of ${made.name}`}
      >
        {edges.map(([a, b]) => (
          <line
            key={`${a}-${b}`}
            x1={at(a)[0] * SIZE}
            y1={at(a)[1] * SIZE}
            x2={at(b)[0] * SIZE}
            y2={at(b)[1] * SIZE}
            stroke={made.color}
            stroke-width="2"
          />
        ))}
        {joints.map((joint, number) => {
          const [x, y] = at(number);
          return (
            // biome-ignore lint/a11y/useSemanticElements: a button cannot lie in a drawing
            <circle
              key={number}
              cx={x * SIZE}
              cy={y * SIZE}
              r={8}
              class="lw-joint"
              data-from={from.value === number}
              fill={made.color}
              role="button"
              tabindex={0}
              aria-label={`Joint ${joint}; arrow keys move it, Enter connects it`}
              onKeyDown={(event) => {
                const step = STEPS[event.key];
                if (step) {
                  event.preventDefault();
                  const far = event.shiftKey ? 0.05 : 0.01;
                  place(number, x + step[0] * far, y + step[1] * far);
                } else if (event.key === "Enter" || event.key === " ") {
                  event.preventDefault();
                  connect(number);
                }
              }}
              onPointerDown={(event) => {
                if (connecting.value) connect(number);
                else event.currentTarget.setPointerCapture(event.pointerId);
              }}
              onPointerMove={(event) => {
                if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
                const box = board.current?.getBoundingClientRect();
                if (!box) return;
                place(
                  number,
                  (event.clientX - box.left) / box.width,
                  (event.clientY - box.top) / box.height,
                );
              }}
            >
              <title>{joint}</title>
            </circle>
          );
        })}
      </svg>
      <div class="lw-joints">
        <ul>
          {joints.map((joint, number) => (
            <li key={number} class="lw-line">
              <TextInput
                label={`Joint ${number + 1}`}
                value={joint}
                wrong={joint.trim() === "" || joints.indexOf(joint) !== number}
                onInput={(name) =>
                  put(
                    { ...skeleton, joints: joints.map((one, o) => (o === number ? name : one)) },
                    `joint ${number}`,
                  )
                }
              />
              <MiniButton
                icon="close"
                label={`Take out joint ${joint}`}
                disabled={joints.length < 2 || used > 0}
                onClick={() => remove(number)}
              />
            </li>
          ))}
        </ul>
        <div class="lw-line lw-wrap">
          <button
            type="button"
            class="lw-button lw-quiet"
            disabled={used > 0}
            title={used > 0 ? "Labels have these joints; make a new class for other ones." : ""}
            onClick={() =>
              put(
                {
                  ...skeleton,
                  joints: [...joints, freeName("joint", joints)],
                  positions: [...positions, [0.5, 0.5]],
                },
                "add",
              )
            }
          >
            Add a joint
          </button>
          <button
            type="button"
            class="lw-button lw-quiet"
            aria-pressed={connecting.value}
            title="Then click two joints: what connects them comes, or goes"
            onClick={() => {
              connecting.value = !connecting.value;
              from.value = null;
            }}
          >
            Connect
          </button>
        </div>
      </div>
      <Wrong problem={bench.problem("classes", index, "skeleton")} />
    </div>
  );
}
