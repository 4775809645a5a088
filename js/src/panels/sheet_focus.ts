const REACHED = "button, a[href], input, select, textarea, [tabindex='0'], summary";

/** Tab goes around within a sheet: what lies under it is out of reach as long as it is there. */
export function tabWithin(sheet: Element, back: boolean): void {
  const stops = [...sheet.querySelectorAll<HTMLElement>(REACHED)].filter(
    (one) => !one.hasAttribute("disabled") && one.getClientRects().length > 0,
  );
  const now = stops.indexOf(sheet.ownerDocument.activeElement as HTMLElement);
  const next = now < 0 ? (back ? -1 : 0) : (now + (back ? -1 : 1)) % stops.length;
  stops.at(next)?.focus();
}
