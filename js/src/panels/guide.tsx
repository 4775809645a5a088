import { type ComponentChildren, h } from "preact";
import type { Room } from "./room.ts";
import { Sheet } from "./sheet.tsx";

/** A text, or an element of the few that the kernel lets through. */
export type GuideNode =
  | string
  | {
      readonly tag: string;
      readonly children: readonly GuideNode[];
      readonly href?: string;
      readonly start?: number;
      readonly align?: "left" | "center" | "right";
    };

/** Headings of the guide lie below those of the panel that it is in. */
const TAGS: Readonly<Record<string, string>> = {
  h1: "h3",
  h2: "h4",
  h3: "h5",
  h4: "h6",
  h5: "h6",
  h6: "h6",
  ...Object.fromEntries(
    "p ul ol li blockquote table thead tbody tr th td em strong s a pre code hr br"
      .split(" ")
      .map((tag) => [tag, tag]),
  ),
};
const SAFE = /^(https?|mailto):/i;

/** Instructions as the kernel has read them; what is not among the known elements is its text. */
export function GuideText({ nodes }: { nodes: readonly GuideNode[] }) {
  return <div class="lw-guide-text">{nodes.map(element)}</div>;
}

function element(node: GuideNode, index: number): ComponentChildren {
  if (typeof node === "string") return node;
  const children = node.children.map(element);
  const tag = Object.hasOwn(TAGS, node.tag) ? TAGS[node.tag] : undefined;
  if (!tag) return h("span", { key: index }, children);
  if (tag === "a") {
    const safe = node.href !== undefined && SAFE.test(node.href);
    const link = { href: node.href, target: "_blank", rel: "noopener noreferrer nofollow" };
    return h(safe ? "a" : "span", { key: index, ...(safe ? link : {}) }, children);
  }
  const style = node.align ? { style: { textAlign: node.align } } : {};
  const start = node.start === undefined ? {} : { start: node.start };
  if (tag === "hr" || tag === "br") return h(tag, { key: index });
  return h(tag, { key: index, ...style, ...start }, children);
}

/** What the project tells its labellers, over the picture until it is closed. */
export function Guide({ room }: { room: Room }) {
  const { state } = room;
  if (!state.guideOpen.value || state.guide.value.length === 0) return null;
  return (
    <Sheet label="Guide" looks="lw-guide" body="lw-guide-body" onClose={() => room.closeGuide()}>
      <GuideText nodes={state.guide.value} />
    </Sheet>
  );
}

/** What tells one text of a guide from another, short enough to be remembered. */
export function guideKey(nodes: readonly GuideNode[]): string {
  let hash = 0x811c9dc5;
  for (const letter of JSON.stringify(nodes)) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
