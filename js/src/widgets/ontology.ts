import { h, render } from "preact";
import type { Channel } from "../link/kernel.ts";
import { Bench, type Checked, type Given } from "../panels/builder/bench.ts";
import { Builder } from "../panels/builder/builder.tsx";
import { keyName } from "../panels/keys.ts";
import { rendered } from "../panels/rendering.ts";

interface Traits {
  readonly given: Given;
  readonly height: number;
}

interface Model extends Channel {
  get<K extends keyof Traits>(key: K): Traits[K];
}

const KEYS: Readonly<Record<string, (bench: Bench) => void>> = {
  "Ctrl+Z": (bench) => bench.undo(),
  "Ctrl+Shift+Z": (bench) => bench.redo(),
  "Ctrl+Y": (bench) => bench.redo(),
  "Ctrl+Enter": (bench) => {
    if (bench.project.value !== null) bench.save();
  },
};

/** Show the builder in `el` until `signal` is aborted. */
function mount(model: Model, el: HTMLElement, signal: AbortSignal): void {
  const root = document.createElement("div");
  root.className = "lw-annotator";
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Ontology builder");
  root.dataset.lmSuppressShortcuts = "true";
  el.append(root);

  const bench = new Bench((request) => {
    try {
      model.send(request);
      return true;
    } catch {
      return false;
    }
  });
  const on = (event: string, handle: (...args: never[]) => void) => {
    model.on(event, handle);
    signal.addEventListener("abort", () => model.off(event, handle));
  };
  const grow = () => root.style.setProperty("--lw-height", `${model.get("height")}px`);
  on("msg:custom", (message: Checked) => bench.hear(message));
  on("change:given", () => bench.take(model.get("given")));
  on("change:height", grow);
  grow();
  bench.take(model.get("given"));
  render(h(Builder, { bench }), root);
  // On the window and before anyone else: what is typed here is not for the notebook.
  window.addEventListener(
    "keydown",
    (event) => {
      if (!(event.target instanceof Node) || !root.contains(event.target)) return;
      const act = KEYS[keyName(event)];
      if (!act) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      act(bench);
    },
    { signal, capture: true },
  );
  root.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  signal.addEventListener("abort", () => {
    render(null, root);
    root.remove();
  });
}

export default rendered(mount);
