import { isPlain, type Tone, toneTable } from "./tone.ts";

const SVG = "http://www.w3.org/2000/svg";
let made = 0;

/**
 * A look-up table that the compositor applies to what is on the screen, and to no more: its cost
 * does not grow with the picture, and the pixels themselves stay as they are.
 */
export class ToneFilter {
  readonly element = document.createElementNS(SVG, "svg");
  private readonly name = `lw-tone-${++made}`;
  private readonly channels: Element[] = [];
  private plain = true;

  constructor() {
    this.element.setAttribute("class", "lw-tone");
    this.element.setAttribute("aria-hidden", "true");
    const filter = document.createElementNS(SVG, "filter");
    filter.id = this.name;
    // Else the table would be looked up in linear light.
    filter.setAttribute("color-interpolation-filters", "sRGB");
    for (const [name, value] of Object.entries({ x: "0", y: "0", width: "1", height: "1" })) {
      filter.setAttribute(name, value);
    }
    const transfer = document.createElementNS(SVG, "feComponentTransfer");
    for (const channel of ["feFuncR", "feFuncG", "feFuncB"]) {
      const part = document.createElementNS(SVG, channel);
      part.setAttribute("type", "table");
      this.channels.push(part);
    }
    transfer.append(...this.channels);
    filter.append(transfer);
    this.element.append(filter);
  }

  use(tone: Tone): void {
    this.plain = isPlain(tone);
    if (this.plain) return;
    const table = [...toneTable(256, 0, 255, tone)];
    const values = table.map((shade) => (shade / 255).toFixed(5)).join(" ");
    for (const channel of this.channels) channel.setAttribute("tableValues", values);
  }

  /** For the CSS property `filter`. */
  get css(): string {
    return this.plain ? "" : `url(#${this.name})`;
  }
}
