import { renamed } from "../document/renames.ts";
import type { ObjectClass, Ontology } from "../document/types.ts";
import { inTime } from "../link/videos.ts";
import type { KernelToolSpec } from "../tools/kernel_tool.ts";
import { type Setting, type Settings, settingOf, settingsOf } from "../tools/option.ts";
import { commandKey } from "./keys.ts";
import {
  drawnAs,
  isEventClass,
  isTag,
  keeping,
  type Mode,
  offered,
  type Scope,
  scoped,
  withdrawn,
  within,
} from "./offer.ts";
import type { Room } from "./room.ts";

/** What there is to choose from, and what is chosen: the class, the tool and its options. */
export class Choice {
  /** What may be said in the project, of whatever task. */
  private whole: Ontology = {};

  constructor(private readonly room: Room) {}

  /** Offer what the task that is shown now is about. */
  useScope(before: Scope | null | undefined): void {
    const now = this.room.state.task.value?.scope;
    if (JSON.stringify(before ?? null) !== JSON.stringify(now ?? null))
      this.useOntology(this.whole, true);
  }

  useOntology(ontology: Ontology, rescoped = false): void {
    const { state, hand, labels, board, panes } = this.room;
    this.whole = ontology;
    const before = state.ontology.value;
    const used = new Set((labels?.objects() ?? []).map((one) => one.class_name ?? ""));
    const drawn = state.className.value;
    if (hand.busy && hand.makes.length > 0 && drawn) used.add(drawn);
    const asked = scoped(within(ontology, state.mode.value), state.task.value?.scope);
    const now = keeping(before, asked, used);
    state.ontology.value = now;
    const current = renamed(now, { class_name: drawn }).class_name ?? null;
    const classes = offered(now);
    // What is half drawn is finished with the class that it was begun with.
    const stays = classes.some((made) => made.name === current) || used.has(drawn ?? "");
    state.className.value = stays && current ? current : (classes[0]?.name ?? null);
    for (const pane of panes.all.value) pane.stage.paintWith(now);
    labels?.document.rename((one) => renamed(now, one, one));
    if (rescoped) return;
    const gone = withdrawn(before, now, used).map((name) => `“${name}”`);
    if (gone.length > 0) {
      board.say(
        `${gone.join(", ")} ${gone.length > 1 ? "are" : "is"} no longer offered. ` +
          "What is labelled so stays, and can be reshaped.",
      );
    }
  }

  useMode(mode: Mode, advance: boolean): void {
    const { state } = this.room;
    state.mode.value = mode;
    state.advance.value = advance;
    if (mode === "classification") this.chooseTool("select");
  }

  get currentClass() {
    const { ontology, className } = this.room.state;
    return ontology.value.classes?.find((made) => made.name === className.value);
  }

  /** The tools of this ontology: only those that can draw something of it. */
  get tools() {
    const { toolbox, state, onScan } = this.room;
    const { classes = [], image_attributes = [] } = state.ontology.value;
    const asked =
      state.mode.value === "classification"
        ? { classes: classes.filter(isTag), image_attributes }
        : state.ontology.value;
    return toolbox.of(asked, onScan, inTime(state.item.value));
  }

  useKernelTools(specs: readonly KernelToolSpec[]): void {
    const { toolbox, hand, state } = this.room;
    toolbox.useKernelTools(specs);
    hand.refresh();
    state.tool.value = hand.tool;
    state.toolsVersion.value++;
  }

  chooseTool(name: string): void {
    const { hand, state, outcomes } = this.room;
    if (!hand.take(name)) return;
    state.tool.value = hand.tool;
    state.crosshair.value = null;
    outcomes.prepare();
    if (hand.atOnce && state.selection.value.length === 1) hand.handle({ type: "finish" });
    if (hand.makes.length === 0 || this.draws(this.currentClass)) return;
    const other = offered(state.ontology.value).find((made) => this.draws(made));
    if (other) state.className.value = other.name;
  }

  /** Can the tool in hand draw something of a class? */
  draws(made: ObjectClass | undefined): boolean {
    const { hand, onScan } = this.room;
    return drawnAs(made, onScan).some((type) => hand.makes.includes(type));
  }

  /** Choosing a class takes its tool; one in hand that can draw it stays. */
  chooseClass(name: string): void {
    const { state, hand, board, toolbox, onScan } = this.room;
    const made = state.ontology.value.classes?.find((one) => one.name === name);
    if (!made) return;
    if (isTag(made)) {
      this.toggleTag(name);
      return;
    }
    if (state.mode.value === "classification") return;
    state.className.value = name;
    this.room.selection.select([]);
    if (this.draws(made)) {
      hand.handle({ type: "cancel" });
      return;
    }
    const tool = toolbox.for(made, onScan);
    this.chooseTool(tool?.name ?? "select");
    if (isEventClass(made)) {
      state.className.value = name;
      board.say(
        this.room.onFrames
          ? `${commandKey("event.toggle")} where “${name}” begins, and again where it ends; or drag on its lane.`
          : `“${name}” happens through the frames of a video, and this is none.`,
      );
    } else if (!tool) {
      board.say(`“${made.name}” is drawn on scans, through their slices, and this is none.`);
    }
  }

  /** A class without a shape is not drawn: the image has it or not. */
  private toggleTag(name: string): void {
    const { labels, state } = this.room;
    if (!labels || state.status.value.kind !== "ready") return;
    const made = labels.toggleTag(name);
    if (made) this.room.selection.select([made]);
    const has = labels.tagsOf(name).length > 0;
    this.room.board.say(has ? `“${name}” is said of this image.` : `“${name}” is taken back.`);
  }

  /** The values of the options of the tool in hand. */
  get settings(): Settings {
    const { hand, state } = this.room;
    return settingsOf(hand.options, state.settings.value[hand.group] ?? {});
  }

  setOption(name: string, value: Setting): void {
    const { state, hand } = this.room;
    const { group, options } = hand;
    const option = options.find((one) => one.name === name);
    if (!option) return;
    const now = settingOf(option, value);
    if (this.settings[name] === now) return;
    const before = state.settings.value;
    state.settings.value = { ...before, [group]: { ...before[group], [name]: now } };
    hand.handle({ type: "settings" });
  }
}
