/** A notch of a wheel sends about so many pixels, and a touchpad far fewer at a time. */
const NOTCH = 100;
const FEW = 40;
/** So many pixels of a touchpad are one step. */
const STEP = 30;
/** After a pause a new turn begins. */
const PAUSE_MS = 250;

/** Whole steps from what wheels and touchpads send. */
export class WheelSteps {
  private rest = 0;
  private before = Number.NEGATIVE_INFINITY;

  /** How many steps a turn by so many pixels is, at a moment in milliseconds. */
  take(pixels: number, now: number): number {
    if (now - this.before > PAUSE_MS || pixels * this.rest < 0) this.rest = 0;
    this.before = now;
    if (Math.abs(pixels) >= FEW) {
      this.rest = 0;
      return Math.sign(pixels) * Math.max(1, Math.round(Math.abs(pixels) / NOTCH));
    }
    this.rest += pixels;
    const steps = Math.trunc(this.rest / STEP);
    this.rest -= steps * STEP;
    return steps === 0 ? 0 : steps;
  }
}
