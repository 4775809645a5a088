import {
  Archive,
  BookOpen,
  Box,
  Brush,
  Check,
  ChevronLeft,
  ChevronRight,
  Circle,
  CircleDot,
  CircleHelp,
  CloudOff,
  Contrast,
  Copy,
  Cross,
  Crosshair,
  Eraser,
  Eye,
  EyeOff,
  Grab,
  Grid3x3,
  GripVertical,
  type IconNode,
  ImageOff,
  KeyRound,
  Lasso,
  LayoutGrid,
  LoaderCircle,
  Lock,
  LockOpen,
  Magnet,
  Maximize,
  Merge,
  Minimize,
  MousePointer2,
  PaintBucket,
  PanelBottom,
  PanelRight,
  Pause,
  Pencil,
  Pentagon,
  PersonStanding,
  Play,
  Redo2,
  RotateCcw,
  Ruler,
  RulerDimensionLine,
  ScanLine,
  Scissors,
  Search,
  Signature,
  SlidersHorizontal,
  Spline,
  Sprout,
  Square,
  SquareDot,
  SquareFunction,
  SquaresIntersect,
  SquaresSubtract,
  SquaresUnite,
  SunMedium,
  Tags,
  TriangleAlert,
  TriangleRight,
  Undo2,
  Ungroup,
  WandSparkles,
  Waypoints,
  X,
} from "lucide";
import { h } from "preact";

/** Lucide's icons (ISC licence), inlined as their shapes. */
const ICONS = {
  select: MousePointer2,
  rectangle: Square,
  ellipse: Circle,
  polygon: Pentagon,
  polyline: Spline,
  point: CircleDot,
  keypoints: PersonStanding,
  cuboid: Box,
  previous: ChevronLeft,
  next: ChevronRight,
  play: Play,
  pause: Pause,
  help: CircleHelp,
  guide: BookOpen,
  move: GripVertical,
  retire: Archive,
  full: Maximize,
  window: Minimize,
  show: Eye,
  hide: EyeOff,
  lock: Lock,
  unlock: LockOpen,
  undo: Undo2,
  redo: Redo2,
  close: X,
  saved: Check,
  saving: LoaderCircle,
  kept: CloudOff,
  warning: TriangleAlert,
  broken: ImageOff,
  side: PanelRight,
  strip: PanelBottom,
  fit: ScanLine,
  measure: Ruler,
  ruler: RulerDimensionLine,
  angle: TriangleRight,
  bidirectional: Cross,
  magnify: Search,
  crosshair: Crosshair,
  view: SlidersHorizontal,
  grid: LayoutGrid,
  reopen: RotateCcw,
  function: SquareFunction,
  brush: Brush,
  eraser: Eraser,
  lasso: Lasso,
  livewire: Magnet,
  wand: WandSparkles,
  grow: Sprout,
  scribble: Signature,
  threshold: Contrast,
  fill: PaintBucket,
  freehand: Pencil,
  sculptor: Grab,
  split: Scissors,
  unite: SquaresUnite,
  subtract: SquaresSubtract,
  intersect: SquaresIntersect,
  join: Merge,
  fillHoles: SquareDot,
  detach: Ungroup,
  simplify: Waypoints,
  superpixel: Grid3x3,
  windowing: SunMedium,
  header: Tags,
  copy: Copy,
  key: KeyRound,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof ICONS;

/** The icon of a tool; a function of somebody's own is shown as one. */
export function iconOf(tool: string): IconName {
  return tool in ICONS ? (tool as IconName) : "function";
}

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="lw-icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {ICONS[name].map(([shape, attributes]) => h(shape, attributes))}
    </svg>
  );
}
