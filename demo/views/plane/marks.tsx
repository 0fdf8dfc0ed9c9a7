// How a class looks: a colour, and a shape for those who do not tell the colours apart.
import { classColors } from "../../palette.ts";

export interface ClassMark {
  readonly name: string;
  readonly color: string;
  /** An SVG path around 0 0, within a circle of radius 5. */
  readonly path: string;
}

export const classMarks: readonly ClassMark[] = [
  { name: "blue circle", color: classColors[0], path: "M4.3 0A4.3 4.3 0 1 1 -4.3 0A4.3 4.3 0 1 1 4.3 0Z" },
  { name: "orange square", color: classColors[1], path: "M-3.8 -3.8H3.8V3.8H-3.8Z" },
  { name: "green triangle", color: classColors[2], path: "M0 -5.2L4.7 3.4H-4.7Z" },
  { name: "red diamond", color: classColors[3], path: "M0 -5.4L5 0L0 5.4L-5 0Z" },
];

export function MarkIcon({ mark: { color, path } }: { mark: ClassMark }) {
  return (
    <svg class="plane-mark" viewBox="-7 -7 14 14" aria-hidden="true">
      <path d={path} fill={color} />
    </svg>
  );
}
