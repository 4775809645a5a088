/** What people call a frame that is counted from 0: as the timeline counts. */
export function frameName(frame: number): string {
  return String(frame + 1);
}
