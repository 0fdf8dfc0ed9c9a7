// Points of the plane [-1, 1] x [-1, 1], drawn at random around well-known shapes.
import { randomOf } from "./random.ts";

export interface Point {
  readonly x: number;
  /** Upwards. */
  readonly y: number;
  /** The class, from 0. */
  readonly label: number;
}

export type ShapeName = keyof typeof shapes;

export interface Draw {
  /** How many points. */
  readonly count: number;
  /** Standard deviation of what is added to each coordinate. */
  readonly noise: number;
  /** The same seed draws the same points. */
  readonly seed: number;
}

/** Uniform on [0, 1). */
type Random = () => number;

interface Shape {
  readonly classes: number;
  /** A point of a class, without noise. */
  place(label: number, random: Random): readonly [x: number, y: number];
}

const shapes = {
  /** Two half circles of radius .55, one reaching into the other, as in scikit-learn's make_moons. */
  moons: {
    classes: 2,
    place(label, random) {
      const angle = Math.PI * random();
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      return label === 0 ? [0.55 * (x - 0.5), 0.55 * (y - 0.25)] : [0.55 * (0.5 - x), 0.55 * (0.25 - y)];
    },
  },
  /** A circle of radius .8 around one of .4. */
  circles: {
    classes: 2,
    place: (label, random) => polar(label === 0 ? 0.8 : 0.4, 2 * Math.PI * random()),
  },
  /** Two arms of one and a half turns, from radius .1 to .9; more points lie where an arm is longer. */
  spirals: {
    classes: 2,
    place(label, random) {
      const turned = Math.sqrt(random());
      return polar(0.1 + 0.8 * turned, 3 * Math.PI * turned + Math.PI * label);
    },
  },
  /** Four squares, those that meet at the centre of one class; a gap of .2 lies between them. */
  xor: {
    classes: 2,
    place(label, random) {
      const x = (0.1 + 0.8 * random()) * sign(random);
      const y = (0.1 + 0.8 * random()) * Math.sign(x);
      return [x, label === 0 ? y : -y];
    },
  },
  /** Four discs of radius .3, each a class. */
  blobs: {
    classes: 4,
    place(label, random) {
      const [x, y] = polar(0.3 * Math.sqrt(random()), 2 * Math.PI * random());
      return [x + (label % 2 ? 0.5 : -0.5), y + (label < 2 ? 0.5 : -0.5)];
    },
  },
} satisfies Record<string, Shape>;

export const shapeNames = Object.keys(shapes) as ShapeName[];

/** Points of a shape, as many of each class but for one; none leaves the square. */
export function drawPoints(name: ShapeName, { count, noise, seed }: Draw): Point[] {
  const { classes, place }: Shape = shapes[name];
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, i) => {
    const label = i % classes;
    const [x, y] = place(label, random);
    return { x: moved(x, noise, random), y: moved(y, noise, random), label };
  });
}

/** With normal noise, drawn again where that leads out of [-1, 1]. */
function moved(value: number, noise: number, random: Random): number {
  for (;;) {
    const result = value + noise * normal(random);
    if (Math.abs(result) <= 1) return result;
  }
}

function polar(radius: number, angle: number): [x: number, y: number] {
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

function sign(random: Random): 1 | -1 {
  return random() < 0.5 ? -1 : 1;
}

/** Box and Muller, 1958. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
