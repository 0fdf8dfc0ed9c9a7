// A line chart that keeps its place: uPlot in a box of a fixed height, with a legend beside it in HTML.
import { language } from "./language.ts"; // comes before uPlot
import "uplot/dist/uPlot.min.css";
import "../style/chart.css";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { restored } from "./canvases.ts";

export interface ChartSeries {
  readonly name: string;
  /** A colour, or a variable of the page's style: "var(--accent)". */
  readonly color: string;
  /** Of the line, in pixels. Default 2. */
  readonly width?: number;
  /** Lengths of dashes and gaps, in pixels. Default a whole line. */
  readonly dash?: readonly number[];
  /** Marks every value. Default only values that no line joins. */
  readonly points?: boolean;
}

export interface ChartProps {
  /** What the chart shows, for those who can't see it. */
  readonly label: string;
  readonly series: readonly ChartSeries[];
  /** Values of x, rising, and those of each series at them; null where it has none. */
  readonly data: uPlot.AlignedData;
  readonly xLabel: string;
  readonly yLabel?: string;
  /** Powers of ten are equally far apart on x. Default false. */
  readonly xLog?: boolean;
  /** Powers of ten are equally far apart on y. Default false. */
  readonly yLog?: boolean;
  /** Where x is marked. Default where there is room. */
  readonly xTicks?: readonly number[];
  /** What the axes show at all times. Default what the values take. */
  readonly xRange?: readonly [number, number];
  readonly yRange?: readonly [number, number];
  /** In pixels, axes included. Default 240. */
  readonly height?: number;
}

/** Lines over x; new data of the same series are drawn in place. */
export function Chart({ data, ...looks }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { label, series, height = 240 } = looks;
  const same = JSON.stringify(looks);

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const colors = new ColorsOf(element);
    const chart = new uPlot(optionsOf(looks, colors, element.clientWidth), data, element);
    plot.current = chart;
    const resized = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width > 0 && width !== chart.width) chart.setSize({ width, height });
    });
    resized.observe(element);
    const darkness = matchMedia("(prefers-color-scheme: dark)");
    const recolor = () => {
      colors.forget();
      chart.redraw(false);
    };
    darkness.addEventListener("change", recolor);
    return () => {
      darkness.removeEventListener("change", recolor);
      resized.disconnect();
      chart.destroy();
    };
  }, [same]);

  useEffect(() => {
    if (plot.current?.data !== data) plot.current?.setData(data);
  }, [data]);

  useEffect(() => plot.current?.redraw(false), [restored.value]);

  return (
    <figure class="chart">
      <ul class="legend">
        {series.map(({ name, color, dash, width = 2 }) => (
          <li key={name}>
            <svg width="24" height="8" aria-hidden="true">
              <line
                x1="1"
                x2="23"
                y1="4"
                y2="4"
                stroke-width={width}
                stroke-dasharray={dash?.join()}
                style={{ stroke: color }}
              />
            </svg>
            {name}
          </li>
        ))}
      </ul>
      <div ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
    </figure>
  );
}

function optionsOf(looks: Omit<ChartProps, "data">, colors: ColorsOf, width: number): uPlot.Options {
  const { series, xLabel, yLabel, xLog, yLog, xTicks, xRange, yRange, height = 240 } = looks;
  const quiet = () => colors.get("var(--quiet)");
  const line = () => colors.get("var(--line)");
  const values = (_: uPlot, ticks: (number | null)[]) => ticks.map((tick) => tick?.toLocaleString(language) ?? "");
  const axis: uPlot.Axis = {
    values,
    stroke: quiet,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
  };
  return {
    width: width || 320, // a hidden view has none; its size is set when it is shown
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: xLog ? 3 : 1, ...(xRange && { range: [...xRange] }) },
      y: { distr: yLog ? 3 : 1, ...(yRange && { range: [...yRange] }) },
    },
    axes: [
      {
        ...{ ...axis, label: xLabel, labelSize: 20, size: 32 },
        // On a logarithmic axis uPlot would leave out what is no power of ten.
        ...(xTicks && { splits: [...xTicks], filter: (_: uPlot, ticks: number[]) => ticks }),
      },
      { ...axis, ...(yLabel && { label: yLabel, labelSize: 20 }) },
    ],
    series: [
      {},
      ...series.map(({ name, color, width = 2, dash, points }) => ({
        label: name,
        stroke: () => colors.get(color),
        width,
        spanGaps: true,
        ...(dash && { dash: [...dash] }),
        points: {
          size: width + 4,
          fill: () => colors.get("var(--panel)"),
          ...(points !== undefined && { show: points }),
        },
      })),
    ],
  };
}

/** A canvas knows no variables of a style: what they come to at an element, until the colour scheme changes. */
class ColorsOf {
  readonly #probe: HTMLElement;
  readonly #known = new Map<string, string>();

  constructor(element: HTMLElement) {
    this.#probe = element;
  }

  get(color: string): string {
    let known = this.#known.get(color);
    if (known === undefined) {
      const { style } = this.#probe;
      style.color = color;
      known = getComputedStyle(this.#probe).color;
      style.color = "";
      this.#known.set(color, known);
    }
    return known;
  }

  forget(): void {
    this.#known.clear();
  }
}
