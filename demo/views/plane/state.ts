// What the plane shows: points, the settings they are trained with, and what training has come to.
import { computed, effect, signal } from "@preact/signals";
import { proxy } from "comlink";
import { adapter, engine } from "../../engine.ts";
import { drawPoints, type Point, type ShapeName } from "../../points.ts";
import type { PlaneSettings } from "../../worker/plane/machine.ts";
import { classAt } from "../../worker/plane/picture.ts";
import type { PlaneProblem, PlaneState } from "../../worker/plane/training.ts";

/** How the points are drawn at random. */
export const draw = signal({ shape: "moons" as ShapeName, count: 200, noise: 0.05, seed: 0 });
export const points = signal<readonly Point[]>(drawPoints(draw.value.shape, draw.value));
/** What a click does: places a point of this class, or removes the nearest. */
export const tool = signal<number | "remove">(0);
export const settings = signal<PlaneSettings>({
  loss: "hinge",
  kernel: "gaussian",
  outputDim: 512,
  scale: 0.25,
  C: 10,
});
/** Whether every change trains anew. */
export const live = signal(true);
export const running = signal(false);
/** Of the training that runs or ran last; undefined where there are points of it no more. */
export const state = signal<PlaneState | undefined>(undefined);
/** What went wrong last, in the words of the error. */
export const trouble = signal<string | undefined>(undefined);

/** The most points that can be placed. */
export const mostPoints = 2000;
/** Changes follow one another this fast while a slider or the pointer moves, in milliseconds. */
const settlingTime = 100;

export const canTrain = computed(
  () => adapter.value !== undefined && new Set(points.value.map(({ label }) => label)).size > 1,
);

/** Points that lie on pixels of their own colour, in the picture that is shown. */
export const onOwnColor = computed(() => {
  const picture = state.value?.picture;
  return picture && points.value.filter(({ x, y, label }) => classAt(picture, x, y) === label).length;
});

/** Draws all points anew. */
export function redraw(change: Partial<typeof draw.value>): void {
  draw.value = { ...draw.value, ...change };
  points.value = drawPoints(draw.value.shape, draw.value);
}

export function place(x: number, y: number): void {
  const label = tool.value;
  const isInside = Math.max(Math.abs(x), Math.abs(y)) <= 1;
  if (label === "remove" || !isInside || points.value.length >= mostPoints) return;
  points.value = [...points.value, { x, y, label }];
}

/** Removes the point nearest to a place, if there is one within reach. */
export function removeNearest(x: number, y: number, reach: number): void {
  const distance = (point: Point) => Math.hypot(point.x - x, point.y - y);
  const near = points.value.filter((point) => distance(point) <= reach);
  const nearest = near.reduce<Point | undefined>((a, b) => (a && distance(a) <= distance(b) ? a : b), undefined);
  if (nearest) points.value = points.value.filter((point) => point !== nearest);
}

let latest = 0;

/** Trains a new model on the points as they are; another training ends. */
export async function train(): Promise<void> {
  if (!canTrain.value) return;
  const turn = ++latest;
  const isLatest = () => turn === latest;
  running.value = true;
  trouble.value = undefined;
  try {
    await engine().plane.train(
      problem(),
      proxy((next: PlaneState) => {
        if (isLatest()) state.value = next;
      }),
    );
  } catch (error) {
    if (isLatest()) trouble.value = (error as Error).message;
  } finally {
    if (isLatest()) running.value = false;
  }
}

export function stop(): void {
  if (running.value) void engine().plane.stop();
}

function problem(): PlaneProblem {
  return {
    settings: settings.value,
    points: Float32Array.from(points.value.flatMap(({ x, y }) => [x, y])),
    labels: Uint8Array.from(points.value, ({ label }) => label),
  };
}

let settling: ReturnType<typeof setTimeout> | undefined;
let isFirst = true;

effect(() => {
  // What is trained on.
  void [points.value, settings.value];
  if (!isFirst && live.peek()) {
    clearTimeout(settling);
    settling = setTimeout(train, settlingTime);
  }
  isFirst = false;
});
effect(() => {
  if (canTrain.value) return;
  // A picture of points that are gone would say something wrong of those that are there.
  stop();
  state.value = undefined;
});
