import { effect, untracked } from "@preact/signals";
import { h, render } from "preact";
import type { Ontology } from "../document/types.ts";
import type { Channel } from "../link/kernel.ts";
import { Annotator } from "../panels/annotator.tsx";
import { type GuideNode, guideKey } from "../panels/guide.tsx";
import { listenToKeys } from "../panels/keyboard.ts";
import { rememberPanels, seenBefore } from "../panels/memory.ts";
import type { Mode } from "../panels/offer.ts";
import { rendered } from "../panels/rendering.ts";
import { Room } from "../panels/room.ts";
import type { Layout, Place } from "../panels/state.ts";
import type { WantedWindow } from "../panels/windows.ts";
import type { KernelToolSpec } from "../tools/kernel_tool.ts";

interface Traits {
  readonly ontology: Ontology;
  readonly place: Place;
  readonly tools: readonly KernelToolSpec[];
  readonly guide?: readonly GuideNode[];
  readonly mode?: Mode;
  readonly advance?: boolean;
  readonly task: string | null;
  /** None fills the window. */
  readonly height: number | null;
  readonly selection: readonly string[];
  /** How scans are shown at first, where the notebook says so. */
  readonly window?: WantedWindow | null;
  readonly layout_name?: Layout;
  /** How videos begin, where the notebook says so. */
  readonly film?: { frame: number | null; speed: number; tracking: boolean | null };
}

interface Model extends Channel {
  get<K extends keyof Traits>(key: K): Traits[K];
  set<K extends keyof Traits>(key: K, value: Traits[K]): void;
  save_changes(): void;
}

const NARROW = 720;

/** Show the annotator in `el` until `signal` is aborted. */
function mount(model: Model, el: HTMLElement, signal: AbortSignal): void {
  const root = document.createElement("div");
  root.className = "lw-annotator";
  root.tabIndex = 0;
  root.setAttribute("role", "application");
  root.setAttribute("aria-label", "Image annotator");
  // JupyterLab's own shortcuts leave what happens in here alone.
  root.dataset.lmSuppressShortcuts = "true";
  el.append(root);

  const room = new Room(model, model.get("place"), signal);
  room.root = root;
  useHeight(room, model.get("height"), root);
  room.choice.useMode(model.get("mode") ?? "both", model.get("advance") ?? false);
  room.choice.useOntology(model.get("ontology"));
  room.choice.useKernelTools(model.get("tools") ?? []);
  const { project, user, judges = false } = model.get("place");
  room.review.begin(judges);
  rememberPanels(room.state, project, user, signal);
  followGuide(room, model, signal);
  room.windows.wanted = model.get("window") ?? null;
  const film = model.get("film");
  if (film?.speed) beginFilm(room, film, model.get("place").item);
  const layout = model.get("layout_name");
  if (layout && layout !== "auto") layOut(room, layout);
  room.looks.useTone(room.state.tone.value);
  room.looks.useFill(room.state.fill.value);
  render(h(Annotator, { room }), root);
  listenToKeys(room, root, signal);
  followModel(room, model, root, signal);
  followSize(room, root, signal);
  void room.desk.start(model.get("task"), model.get("place").item ?? null);
  signal.addEventListener("abort", () => {
    render(null, root);
    root.remove();
  });
}

function beginFilm(
  room: Room,
  { frame, speed, tracking }: NonNullable<Traits["film"]>,
  item: string | null | undefined,
): void {
  room.player.speed.value = speed;
  if (item && frame !== null) room.pane.film.startAt(item, frame);
  if (tracking !== null) room.state.tracking.value = { video: tracking, image_sequence: tracking };
}

/** Lay the panes out as the notebook wants, once there is a picture whose neighbours can be shown. */
function layOut(room: Room, layout: Layout): void {
  const { layout: chosen, status } = room.state;
  const stop = effect(() => {
    if (chosen.value !== "auto") setTimeout(() => stop());
    else if (status.value.kind === "ready") {
      setTimeout(() => stop());
      untracked(() => room.looks.useLayout(layout));
    }
  });
}

/** So high, or as large as the window where nothing else is to be seen in it. */
function useHeight(room: Room, height: number | null, root: HTMLElement): void {
  room.state.fills.value = height === null;
  root.classList.toggle("lw-fills", height === null);
  root.style.setProperty("--lw-height", height === null ? "100vh" : `${height}px`);
}

function followModel(room: Room, model: Model, root: HTMLElement, signal: AbortSignal): void {
  const on = (event: string, handle: () => void) => {
    model.on(event, handle);
    signal.addEventListener("abort", () => model.off(event, handle));
  };
  on("change:mode", () => {
    room.choice.useMode(model.get("mode") ?? "both", model.get("advance") ?? false);
    room.choice.useOntology(model.get("ontology"));
  });
  on("change:advance", () => {
    room.choice.useMode(model.get("mode") ?? "both", model.get("advance") ?? false);
  });
  on("change:ontology", () => room.choice.useOntology(model.get("ontology")));
  on("change:tools", () => room.choice.useKernelTools(model.get("tools")));
  on("change:height", () => useHeight(room, model.get("height"), root));
  on("change:task", () => {
    const task = model.get("task");
    if (task && task !== room.state.task.value?.id) void room.desk.open(task);
  });
  on("change:selection", () => {
    const wanted = model.get("selection");
    if (wanted.join() !== room.state.selection.value.join()) room.selection.select(wanted);
  });
  on("comm_live_update", () => {
    const live = (model as unknown as { comm_live?: boolean }).comm_live;
    if (live === false) room.saving.disconnected();
    else if (live) room.saving.connected();
  });
  const stop = effect(() => {
    const ids = room.state.selection.value;
    if (ids.join() === model.get("selection").join()) return;
    try {
      model.set("selection", ids);
      model.save_changes();
    } catch {
      // Without a kernel nobody else asks what is selected.
    }
  });
  signal.addEventListener("abort", stop);
}

/** The guide opens by itself the first time that this person meets this text. */
function followGuide(room: Room, model: Model, signal: AbortSignal): void {
  const { project, user } = model.get("place");
  const show = () => {
    const nodes = model.get("guide") ?? [];
    const key = guideKey(nodes);
    room.useGuide(nodes, nodes.length === 0 || seenBefore(project, user, key));
  };
  model.on("change:guide", show);
  signal.addEventListener("abort", () => model.off("change:guide", show));
  show();
}

function followSize(room: Room, root: HTMLElement, signal: AbortSignal): void {
  const { state } = room;
  const observer = new ResizeObserver(() => {
    const narrow = root.clientWidth < NARROW;
    if (narrow !== state.narrow.value) {
      state.narrow.value = narrow;
      state.sideOpen.value = !narrow;
    }
  });
  observer.observe(root);
  root.ownerDocument.addEventListener(
    "fullscreenchange",
    () => {
      state.full.value = root.ownerDocument.fullscreenElement === root;
    },
    { signal },
  );
  signal.addEventListener("abort", () => observer.disconnect());
}

export default rendered(mount);
