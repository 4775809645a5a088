import { sizeOf } from "./levels.ts";
import type { GreyPicture } from "./picture.ts";
import { HALVE, TONE, WHOLE } from "./shader_source.ts";
import { entryOf, type Tone } from "./tone.ts";

/** Numbers that the card keeps: those of the slices in sight, or of some ten tiles. */
const MOST_BYTES = 96e6;
/** The shades of all numbers lie in so many rows, each of as many. */
const ROWS = 256;

interface Held {
  /** The picture, then its smaller copies, made when they are asked for. */
  readonly levels: WebGLTexture[];
  bytes: number;
}

type Uniforms = (name: string) => WebGLUniformLocation | null;

interface Programs {
  readonly tone: WebGLProgram;
  readonly halve: WebGLProgram;
  readonly buffer: WebGLFramebuffer;
  readonly ofTone: Uniforms;
  readonly ofHalve: Uniforms;
}

/**
 * Makes shades of the numbers of grey pictures on the graphics card, which holds them as they are:
 * another window costs no more than painting. Where there is no WebGL2, no card behind it, or
 * while its context is lost, it paints nothing, and says so.
 */
export class GreyShader {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly gl: WebGL2RenderingContext | null;
  private readonly held = new Map<GreyPicture, Held>();
  private programs: Programs | null = null;
  private shades: { readonly of: readonly unknown[]; readonly texture: WebGLTexture } | null = null;
  private bytes = 0;
  private most = 0;

  /** `onChange` is told when the context was lost, and when it is back: what was painted may be gone. */
  constructor(onChange: () => void) {
    this.gl = this.canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      failIfMajorPerformanceCaveat: true,
    });
    this.canvas.addEventListener("webglcontextlost", (event) => {
      // Else it would stay lost.
      event.preventDefault();
      this.forget();
      onChange();
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.begin();
      onChange();
    });
    this.begin();
  }

  /**
   * A picture, so often halved, in a tone; `low` and `high` are the numbers that are black and
   * white. Null where that has to be done elsewhere.
   */
  paint(
    picture: GreyPicture,
    halvings: number,
    low: number,
    high: number,
    tone: Tone,
  ): ImageBitmap | null {
    const { gl, programs, canvas } = this;
    if (!gl || !programs || gl.isContextLost()) return null;
    if (Math.max(picture.width, picture.height) > this.most) return null;
    const numbers = this.level(gl, programs, picture, halvings);
    const { width, height } = sizeOf(picture, halvings);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.useProgram(programs.tone);
    const at = programs.ofTone;
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, tone.table && this.shadesOf(gl, tone.table, low, high));
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, numbers);
    gl.uniform1i(at("numbers"), 0);
    gl.uniform1i(at("shades"), 1);
    gl.uniform1i(at("bottom"), height - 1);
    gl.uniform1i(at("curve"), tone.table ? 2 : tone.curve === "SIGMOID" ? 1 : 0);
    const { middle, there, slope } = rampOf(low, high);
    gl.uniform1i(at("middle"), middle);
    gl.uniform1f(at("there"), there);
    gl.uniform1f(at("slope"), slope);
    gl.uniform1f(at("steep"), 10 ** (tone.contrast / 100));
    gl.uniform1f(at("up"), tone.brightness / 100);
    gl.uniform1f(at("power"), 1 / tone.gamma);
    gl.uniform1i(at("inverted"), tone.invert ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const bitmap = canvas.transferToImageBitmap();
    if (!gl.isContextLost()) return bitmap;
    bitmap.close();
    return null;
  }

  dispose(): void {
    this.forget();
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private begin(): void {
    const { gl } = this;
    if (!gl || isPlayed(gl)) return;
    const tone = linked(gl, TONE);
    const halve = linked(gl, HALVE);
    const buffer = gl.createFramebuffer();
    if (!tone || !halve || !buffer) return;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    this.most = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    const ofTone = uniformsOf(gl, tone);
    this.programs = { tone, halve, buffer, ofTone, ofHalve: uniformsOf(gl, halve) };
  }

  /** The numbers of a picture that was so often halved. */
  private level(
    gl: WebGL2RenderingContext,
    programs: Programs,
    picture: GreyPicture,
    halvings: number,
  ): WebGLTexture {
    let held = this.held.get(picture);
    if (held) this.held.delete(picture);
    else held = { levels: [], bytes: 0 };
    // The one that was used last is the last one.
    this.held.set(picture, held);
    const { levels } = held;
    for (let n = levels.length; n <= halvings; n++) {
      const { width, height } = sizeOf(picture, n);
      const from = levels[n - 1];
      const made = numbersOf(gl, width, height, from ? null : picture.numbers);
      if (from) this.halve(gl, programs, picture, n, from, made);
      levels.push(made);
      held.bytes += 2 * width * height;
      this.bytes += 2 * width * height;
    }
    this.trim(gl, picture);
    return levels[halvings] as WebGLTexture;
  }

  private halve(
    gl: WebGL2RenderingContext,
    { halve, buffer, ofHalve }: Programs,
    picture: GreyPicture,
    n: number,
    from: WebGLTexture,
    into: WebGLTexture,
  ): void {
    const [before, now] = [sizeOf(picture, n - 1), sizeOf(picture, n)];
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, into, 0);
    gl.viewport(0, 0, now.width, now.height);
    gl.useProgram(halve);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, from);
    gl.uniform1i(ofHalve("numbers"), 0);
    gl.uniform2i(ofHalve("from"), before.width, before.height);
    gl.uniform2i(ofHalve("to"), now.width, now.height);
    gl.uniform1i(ofHalve("gaps"), picture.meaning.gaps ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  private trim(gl: WebGL2RenderingContext, but: GreyPicture): void {
    for (const [picture, { levels, bytes }] of this.held) {
      if (this.bytes <= MOST_BYTES) return;
      if (picture === but) continue;
      for (const level of levels) gl.deleteTexture(level);
      this.bytes -= bytes;
      this.held.delete(picture);
    }
  }

  /** A table jumps from entry to entry: which one a number has is decided in full precision. */
  private shadesOf(
    gl: WebGL2RenderingContext,
    table: readonly number[],
    low: number,
    high: number,
  ): WebGLTexture {
    const of = [table, low, high];
    if (this.shades?.of.every((one, i) => one === of[i])) return this.shades.texture;
    const entries = new Float32Array(ROWS * ROWS);
    for (let number = 0; number < entries.length; number++)
      entries[number] = entryOf(table, number, low, high);
    const texture = this.shades?.texture ?? textureOf(gl);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, ROWS, ROWS, 0, gl.RED, gl.FLOAT, entries);
    this.shades = { of, texture };
    return texture;
  }

  private forget(): void {
    this.held.clear();
    this.bytes = 0;
    this.programs = null;
    this.shades = null;
  }
}

/**
 * The straight line from black to white, by its value at a number that exists: floats of 32 bits
 * are then exact enough wherever the window lies. A step has the slope -1, and `middle` is its edge.
 */
function rampOf(low: number, high: number) {
  const within = (number: number) => Math.min(Math.max(number, -1), 65536);
  if (!(high > low)) return { middle: Math.floor(within(low)), there: 0, slope: -1 };
  const middle = Math.round(within(low / 2 + high / 2));
  const width = high - low;
  const there = Math.min(Math.max(middle / width - low / width, -1e6), 1e6);
  return { middle, there, slope: Math.min(1 / width, 1e30) };
}

/** Is the card played by the processor? Then a look-up table is faster. */
function isPlayed(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "";
  return /swiftshader|llvmpipe|softpipe|basic render/i.test(String(name));
}

function numbersOf(
  gl: WebGL2RenderingContext,
  width: number,
  height: number,
  numbers: Uint16Array | null,
): WebGLTexture {
  const texture = textureOf(gl);
  const form = [gl.RED_INTEGER, gl.UNSIGNED_SHORT] as const;
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, width, height, 0, ...form, numbers);
  return texture;
}

function textureOf(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  return texture;
}

function linked(gl: WebGL2RenderingContext, source: string): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, WHOLE],
    [gl.FRAGMENT_SHADER, source],
  ] as const) {
    const shader = gl.createShader(type);
    if (!program || !shader) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

function uniformsOf(gl: WebGL2RenderingContext, program: WebGLProgram): Uniforms {
  const known = new Map<string, WebGLUniformLocation | null>();
  return (name) => {
    if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
    return known.get(name) ?? null;
  };
}
